const encoder = new TextEncoder()
const HEADER = 64
const SECTION = 64
const SYMBOL = 24

interface Section {
  readonly name: string
  readonly type: number
  readonly flags?: number
  readonly link?: number
  readonly info?: number
  readonly entry?: number
  readonly bytes: Uint8Array
}

function strings(names: readonly string[]): { readonly bytes: Uint8Array; offset(name: string): number } {
  const text = `\0${names.map((name) => `${name}\0`).join('')}`
  return { bytes: encoder.encode(text), offset: (name) => text.indexOf(`\0${name}\0`) + 1 }
}

/** An eBPF object file with one program, as small as it can be: without types and maps. */
export function objectFile(name: string, section: string, code: Uint8Array): Uint8Array {
  const symbols = strings([name])
  const symtab = new Uint8Array(2 * SYMBOL)
  const view = new DataView(symtab.buffer)
  view.setUint32(SYMBOL, symbols.offset(name), true)
  view.setUint8(SYMBOL + 4, 0x12) // global function
  view.setUint16(SYMBOL + 6, 1, true)
  view.setBigUint64(SYMBOL + 16, BigInt(code.length), true)
  const sections: Section[] = [
    { name: section, type: 1, flags: 6, bytes: code },
    { name: 'license', type: 1, flags: 3, bytes: encoder.encode('GPL\0') },
    { name: '.symtab', type: 2, link: 4, info: 1, entry: SYMBOL, bytes: symtab },
    { name: '.strtab', type: 3, bytes: symbols.bytes },
  ]
  const names = strings([...sections.map((one) => one.name), '.shstrtab'])
  return assemble([...sections, { name: '.shstrtab', type: 3, bytes: names.bytes }], names.offset)
}

function assemble(sections: readonly Section[], nameOf: (name: string) => number): Uint8Array {
  const offsets: number[] = []
  let end = HEADER
  for (const { bytes } of sections) {
    offsets.push(end)
    end += (bytes.length + 7) & -8
  }
  const file = new Uint8Array(end + SECTION * (sections.length + 1))
  const view = new DataView(file.buffer)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  view.setUint16(16, 1, true) // relocatable
  view.setUint16(18, 247, true) // EM_BPF
  view.setUint32(20, 1, true)
  view.setBigUint64(40, BigInt(end), true)
  view.setUint16(52, HEADER, true)
  view.setUint16(58, SECTION, true)
  view.setUint16(60, sections.length + 1, true)
  view.setUint16(62, sections.length, true)
  for (const [i, { name, type, flags = 0, link = 0, info = 0, entry = 0, bytes }] of sections.entries()) {
    const at = end + SECTION * (i + 1)
    file.set(bytes, offsets[i])
    view.setUint32(at, nameOf(name), true)
    view.setUint32(at + 4, type, true)
    view.setBigUint64(at + 8, BigInt(flags), true)
    view.setBigUint64(at + 24, BigInt(offsets[i]), true)
    view.setBigUint64(at + 32, BigInt(bytes.length), true)
    view.setUint32(at + 40, link, true)
    view.setUint32(at + 44, info, true)
    view.setBigUint64(at + 48, 8n, true)
    view.setBigUint64(at + 56, BigInt(entry), true)
  }
  return file
}
