import { type Code, decode } from '../isa/code.ts'
import { AsmError } from './error.ts'
import { parseInstruction, type Statement } from './parse.ts'

interface Source {
  readonly line: number
  readonly text: string
}

/** A statement at its place: an instruction, or eight raw bytes. */
interface Placed {
  readonly source: Source
  readonly slot: number
  readonly statement: Statement | bigint
}

const LABEL = /^([a-z_.$][\w.$]*)\s*:/i
/** `12: (b7)` before an instruction of a listing. */
const LISTING = /^\d+:\s*(?:\([\da-f]{2}\))?/i
const RAW = /^\.8byte\s+(0x[\da-f]+|\d+)$/i

/**
 * Assembles instructions, one a line or separated by `;`, in the syntax of the kernel's verifier, bpftool and LLVM.
 *
 * `name:` labels the next instruction; jumps, calls and `&name` may use it. `//` and `#` at the start of a word begin comments.
 * `call` takes a helper's name or number, a label, or a distance. Listings with `12: (b7)` in front are read too.
 * Throws an AsmError that names the line.
 */
export function assemble(text: string): Code {
  const sources = split(text)
  const labels = new Map<string, number>()
  const isLabel = collectNames(sources)
  const placed: Placed[] = []
  let slot = 0
  for (const source of sources) {
    const label = LABEL.exec(source.text)?.[1]
    if (label !== undefined) {
      if (labels.has(label)) throw new AsmError(`label ${label} is there twice`, source)
      labels.set(label, slot)
      continue
    }
    const statement = read(source, isLabel)
    placed.push({ source, slot, statement })
    slot += typeof statement !== 'bigint' && statement.op.kind === 'const' ? 2 : 1
  }
  const bytes = new DataView(new ArrayBuffer(slot * 8))
  for (const item of placed) write(bytes, item, labels)
  return decode(new Uint8Array(bytes.buffer))
}

function collectNames(sources: readonly Source[]): (name: string) => boolean {
  const names = new Set(sources.flatMap(({ text }) => LABEL.exec(text)?.[1] ?? []))
  return (name) => names.has(name)
}

function split(text: string): Source[] {
  return text.split('\n').flatMap((line, i) =>
    line
      .replace(/\/\/.*|(^|\s)#.*/, '')
      .split(';')
      .map((part) => ({ line: i + 1, text: part.trim().replace(LISTING, '').trim() }))
      .flatMap(splitLabel),
  )
}

/** A label before an instruction stands alone, so that several can follow each other. */
function splitLabel(source: Source): Source[] {
  const label = LABEL.exec(source.text)
  if (!label) return source.text ? [source] : []
  const rest = { line: source.line, text: source.text.slice(label[0].length).trim() }
  return [{ line: source.line, text: label[0] }, ...splitLabel(rest)]
}

function read({ line, text }: Source, isLabel: (name: string) => boolean): Statement | bigint {
  const raw = RAW.exec(text)
  try {
    const statement = raw ? BigInt(raw[1]) : parseInstruction(text, isLabel)
    if (statement !== undefined) return statement
  } catch (error) {
    if (error instanceof RangeError) throw new AsmError(`${error.message} in "${text}"`, { line, cause: error })
    throw error
  }
  throw new AsmError(`"${text}" is not an instruction`, { line })
}

function write(bytes: DataView, { source, slot, statement }: Placed, labels: ReadonlyMap<string, number>): void {
  const at = slot * 8
  if (typeof statement === 'bigint') {
    bytes.setBigUint64(at, statement, true)
    return
  }
  const { op, dst, src } = statement
  let { off, imm } = statement
  if (statement.label !== undefined) {
    const distance = toLabel(statement.label, slot, labels, source)
    if (op.fields.off === 'jump') off = shortDistance(distance, source)
    else imm = distance
  }
  bytes.setUint8(at, op.opcode)
  bytes.setUint8(at + 1, (src << 4) | dst)
  bytes.setInt16(at + 2, off, true)
  bytes.setInt32(at + 4, imm, true)
  if (op.kind === 'const') bytes.setInt32(at + 12, statement.high, true)
}

function toLabel(name: string, slot: number, labels: ReadonlyMap<string, number>, source: Source): number {
  const target = labels.get(name)
  if (target === undefined) throw new AsmError(`nothing is called ${name}: no label, no helper`, source)
  return target - slot - 1
}

function shortDistance(distance: number, source: Source): number {
  if (distance === (distance << 16) >> 16) return distance
  throw new AsmError(`the target is ${distance} slots away; 16 bits reach 32767 (gotol reaches further)`, source)
}
