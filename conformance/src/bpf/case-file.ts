import { assemble, type Code, decode } from '@netkit/bpf'

/**
 * Cases of the instruction set as plain text. `# …` comments; `-- name …` begins a section, whose text goes on until the next one.
 *
 * - `asm` or `raw`: the program, as assembly or as hexadecimal bytes. Begins a case; a file may hold several.
 * - `mem` or `u64`: the block of memory that r1 points to and r2 is the length of, as hexadecimal bytes or as numbers of 64 bits.
 *   Begins a run; a case may have several. Without it the block is empty.
 * - `result`: r0 at the end.
 * - `mem-after` or `u64-after`: the block at the end.
 * - `error`: kind and slot of the fault in place of a result, such as `memory 3`.
 */
export interface BpfCase {
  /** Line of the case in its file, from 1. */
  readonly line: number
  readonly text: string
  readonly code: Code
  readonly runs: readonly BpfRun[]
}

export interface BpfRun {
  readonly line: number
  readonly memory: Uint8Array
  readonly after: Uint8Array | undefined
  /** `0x…` or `error KIND SLOT`. */
  readonly expected: string
}

interface Section {
  readonly line: number
  readonly name: string
  readonly text: string
}

/** Reads a case file. Throws an error that names the line of what is wrong. */
export function readCases(text: string): BpfCase[] {
  const groups = group(sections(text), (name) => name === 'asm' || name === 'raw')
  return groups.map(([program, ...rest]) => {
    if (program.name !== 'asm' && program.name !== 'raw') throw new Error(`line ${program.line}: begin with asm or raw`)
    const code = program.name === 'asm' ? assemble(program.text) : decode(hexBytes(program))
    const runs = rest.length === 0 ? [] : group(rest, (name) => name === 'mem' || name === 'u64').map(toRun)
    if (runs.length === 0) throw new Error(`line ${program.line}: no result is given`)
    return { line: program.line, text: program.text, code, runs }
  })
}

function sections(text: string): Section[] {
  const found: { line: number; name: string; text: string }[] = []
  for (const [i, row] of text.split('\n').entries()) {
    const line = row.replace(/(^|\s)#.*/, '').trimEnd()
    const head = /^-- ([\w-]+)(.*)$/.exec(line)
    if (head) found.push({ line: i + 1, name: head[1], text: head[2].trim() })
    else if (found.length > 0) found[found.length - 1].text += `\n${line}`
    else if (line) throw new Error(`line ${i + 1}: text before the first section`)
  }
  return found
}

/** Cuts a list before each section that begins a group; what precedes the first is a group too. */
function group(list: readonly Section[], begins: (name: string) => boolean): Section[][] {
  const groups: Section[][] = []
  for (const section of list) {
    if (groups.length === 0 || begins(section.name)) groups.push([])
    groups[groups.length - 1].push(section)
  }
  return groups
}

function toRun(group: readonly Section[]): BpfRun {
  const one = (...names: string[]): Section | undefined => group.find(({ name }) => names.includes(name))
  const unknown = group.find(({ name }) => !/^(mem|u64)(-after)?$|^result$|^error$/.test(name))
  if (unknown) throw new Error(`line ${unknown.line}: there is no section "${unknown.name}"`)
  const result = one('result')
  const error = one('error')
  if (!result === !error) throw new Error(`line ${group[0].line}: give a result or an error`)
  const expected = result ? `0x${BigInt(result.text).toString(16)}` : `error ${error?.text.trim()}`
  const after = one('mem-after', 'u64-after')
  return { line: group[0].line, memory: block(one('mem', 'u64')), after: after && block(after), expected }
}

function block(section: Section | undefined): Uint8Array {
  if (!section) return new Uint8Array()
  if (section.name.startsWith('mem')) return hexBytes(section)
  const numbers = section.text.split(/\s+/).filter(Boolean).map(BigInt)
  return new Uint8Array(BigUint64Array.from(numbers, (n) => BigInt.asUintN(64, n)).buffer)
}

function hexBytes(section: Section): Uint8Array {
  const digits = section.text.replace(/\s/g, '')
  if (!/^([\da-f]{2})*$/i.test(digits)) throw new Error(`line ${section.line}: not pairs of hexadecimal digits`)
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
