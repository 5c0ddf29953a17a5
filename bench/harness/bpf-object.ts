import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A program of an object file: its own instructions, then those of the subprograms. */
export interface ObjectProgram {
  readonly name: string
  readonly bytes: Uint8Array
  /** Slots of LD_IMM64s that name maps. */
  readonly maps: readonly { readonly slot: number; readonly name: string }[]
}

/** Builds a C source with clang; the path of the object, or why it cannot be built. */
export function buildObject(source: string): { path: string } | { why: string } {
  const path = join(mkdtempSync(join(tmpdir(), 'netkit-bench-')), 'object.o')
  const include = `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`
  try {
    execFileSync('clang', ['-O2', '-g', '-target', 'bpf', '-mcpu=v3', '-I', include, '-c', source, '-o', path], {
      stdio: 'pipe',
    })
    return { path }
  } catch (error) {
    return { why: `clang: ${(error as Error).message.split('\n')[0]}` }
  }
}

const SLOT = 8
const SHT_REL = 9
const R_BPF_64_32 = 10

interface Section {
  readonly name: string
  readonly type: number
  readonly info: number
  readonly bytes: Uint8Array
}

/** Reads the programs of an object file, one a section called `tc/NAME`: as much of ELF as the benchmarks' own object needs. */
export function readPrograms(path: string): ObjectProgram[] {
  const file = new Uint8Array(readFileSync(path))
  const sections = sectionsOf(file)
  const text = sections.find(({ name }) => name === '.text')?.bytes ?? new Uint8Array(0)
  const symbols = symbolsOf(sections)
  return sections.flatMap((section, index) => {
    if (!section.name.startsWith('tc/')) return []
    const bytes = new Uint8Array(section.bytes.length + text.length)
    bytes.set(section.bytes)
    bytes.set(text, section.bytes.length)
    const view = new DataView(bytes.buffer)
    const relocations = sections.filter(({ type, info }) => type === SHT_REL && info === index).flatMap(relocationsOf)
    const maps = relocations.flatMap(({ offset, type, symbol }) => {
      const { name, value } = symbols[symbol]
      if (type !== R_BPF_64_32) return [{ slot: offset / SLOT, name }]
      const target = section.bytes.length / SLOT + value / SLOT + view.getInt32(offset + 4, true) + 1
      view.setInt32(offset + 4, target - offset / SLOT - 1, true)
      return []
    })
    return [{ name: section.name.slice(3), bytes, maps }]
  })
}

function sectionsOf(file: Uint8Array): Section[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const at = Number(view.getBigUint64(0x28, true))
  const size = view.getUint16(0x3a, true)
  const raw = Array.from({ length: view.getUint16(0x3c, true) }, (_, i) => {
    const header = at + i * size
    const start = Number(view.getBigUint64(header + 24, true))
    const type = view.getUint32(header + 4, true)
    return {
      name: view.getUint32(header, true),
      type,
      info: view.getUint32(header + 44, true),
      bytes: file.subarray(start, start + Number(view.getBigUint64(header + 32, true))),
    }
  })
  const names = raw[view.getUint16(0x3e, true)].bytes
  return raw.map((section) => ({ ...section, name: stringAt(names, section.name) }))
}

function stringAt(table: Uint8Array, offset: number): string {
  return new TextDecoder().decode(table.subarray(offset, table.indexOf(0, offset)))
}

function symbolsOf(sections: readonly Section[]): { name: string; value: number }[] {
  const table = sections.find(({ name }) => name === '.symtab')!.bytes
  const names = sections.find(({ name }) => name === '.strtab')!.bytes
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength)
  return Array.from({ length: table.length / 24 }, (_, i) => ({
    name: stringAt(names, view.getUint32(i * 24, true)),
    value: Number(view.getBigUint64(i * 24 + 8, true)),
  }))
}

function relocationsOf({ bytes }: Section): { offset: number; type: number; symbol: number }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 16 }, (_, i) => ({
    offset: Number(view.getBigUint64(i * 16, true)),
    type: view.getUint32(i * 16 + 8, true),
    symbol: view.getUint32(i * 16 + 12, true),
  }))
}
