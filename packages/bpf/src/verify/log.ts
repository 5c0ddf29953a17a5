import { printInstruction } from '../asm/print.ts'
import { type Code, opAt } from '../isa/code.ts'
import type { SourceLine } from './input.ts'
import { isNumber, type Reg, typeName } from './reg.ts'
import { isKnown, type Scalar } from './scalar.ts'
import { BYTE, type Slot } from './stack.ts'
import type { Frame, State } from './state.ts'

/** Something that happened: text as it is, or what is put into words only if somebody wants to read it. */
export type LogEntry = string | Step | Arrival

/** An instruction that was looked at, and registers that it used as they were left. */
export interface Step {
  readonly slot: number
  touched?: readonly (readonly [number, Reg])[]
  depth?: number
}

/** A path begins, or goes on after it was put off. */
export interface Arrival {
  /** Slot that it comes from; -1: the start of a function. */
  readonly from: number
  readonly to: number
  readonly state: State
}

/** Known bits of a number and which are not known. */
export const bitsText = ({ value, mask }: Scalar): string => `(0x${value.toString(16)}; 0x${mask.toString(16)})`
export const varOff = (s: Scalar): string => `var_off=${bitsText(s)}`

type Bound = 'smin' | 'smax' | 'umin' | 'umax' | 's32min' | 's32max' | 'u32min' | 'u32max'
const U64_MAX = (1n << 64n) - 1n

/** Bounds by name, in the log's order, and what is not worth telling. */
const BOUNDS: readonly (readonly [string, Bound, bigint])[] = [
  ['smin', 'smin', -(1n << 63n)],
  ['smax', 'smax', (1n << 63n) - 1n],
  ['umin', 'umin', 0n],
  ['umax', 'umax', U64_MAX],
  ['smin32', 's32min', -(1n << 31n)],
  ['smax32', 's32max', (1n << 31n) - 1n],
  ['umin32', 'u32min', 0n],
  ['umax32', 'u32max', 0xffff_ffffn],
]

/** What is known of a number, in the manner of the kernel's log; empty if nothing is. */
function describeScalar(s: Scalar): string[] {
  const told = BOUNDS.filter(([, key, otherwise]) => s[key] !== otherwise)
  const said: string[] = []
  const done = new Set<string>()
  for (const [name, key] of told) {
    if (done.has(name)) continue
    const alike = told.filter(
      ([other, otherKey]) => !done.has(other) && s[otherKey] === s[key] && isLeast(other) === isLeast(name),
    )
    for (const [other] of alike) done.add(other)
    said.push(
      `${alike.map(([other]) => other).join('=')}=${shown(s[key], name.startsWith('s'), name.endsWith('32') ? 32 : 64)}`,
    )
  }
  if (s.mask !== U64_MAX) said.push(varOff(s))
  return said
}

const isLeast = (name: string): boolean => name.includes('min')

/** Small numbers in decimal, others as the bits that they are. */
function shown(n: bigint, signed: boolean, width: 32 | 64 = 64): string {
  const small = signed ? n >= -0x8000n && n <= 0x7fffn : n <= 0xffffn
  return small ? `${n}` : `0x${BigInt.asUintN(width, n).toString(16)}`
}

/** What a register holds, as the log shows it: `pkt(r=14)`; empty if nothing is in it. */
function describeValue(reg: Reg): string {
  if (reg.type === '?') return ''
  if (isNumber(reg) && isKnown(reg.scalar)) return shown(reg.scalar.smin, true)
  const id = reg.id ? [`id=${reg.id}${reg.delta ? `${reg.delta > 0 ? '+' : ''}${reg.delta}` : ''}`] : []
  if (isNumber(reg)) return `scalar(${[...id, ...describeScalar(reg.scalar)].join(',')})`
  if (reg.type === 'fp' && isKnown(reg.scalar)) return `fp${reg.off === 0 ? '0' : reg.off}`
  const facts = [
    ...id,
    ...(reg.ref ? [`ref_obj_id=${reg.ref}`] : []),
    ...(reg.map
      ? [...(reg.map.name ? [`map=${reg.map.name}`] : []), `ks=${reg.map.keySize},vs=${reg.map.valueSize}`]
      : []),
    ...(reg.off && reg.type !== 'fp' ? [`off=${reg.off}`] : []),
    ...(reg.type === 'pkt' || reg.type === 'pkt_meta' ? [`r=${reg.range}`] : []),
    ...(reg.size ? [`sz=${reg.size}`] : []),
    ...(isKnown(reg.scalar) ? [] : describeScalar(reg.scalar)),
  ]
  return `${reg.type === 'fp' ? `fp${reg.off || ''}` : typeName(reg)}(${facts.join(',')})`
}

const KINDS = ['?', 'm', '0', 'r']

/** Eight bytes of the stack: what was spilled there, or what each byte is, highest address first. */
function describeSlot(slot: Slot): string {
  if (slot.kinds === 0xffff) return describeValue(slot.reg)
  if (slot.kinds === BYTE.zero * 0x5555) return '0'
  let text = ''
  for (let byte = 7; byte >= 0; byte--) text += KINDS[(slot.kinds >> (byte * 2)) & 3]
  return text
}

/** All registers and stack slots of a frame. */
function describeFrame({ regs, stack }: Frame, depth: number): string {
  const said = regs.flatMap((reg, r) => (reg.type === '?' ? [] : [`R${r}=${describeValue(reg)}`]))
  for (const [n, slot] of stack.entries())
    if (slot && slot.kinds !== 0) said.push(`fp-${8 * (n + 1)}=${describeSlot(slot)}`)
  return `${frameName(depth)}${said.join(' ')}`
}

const frameName = (depth: number | undefined): string => (depth ? `frame${depth}: ` : '')

/** Column at which the log says what an instruction left. */
const RESULTS_AT = 38

/** Puts what happened into words. */
export function render(entries: readonly LogEntry[], code: Code, lines: ReadonlyMap<number, SourceLine>): string[] {
  const text: string[] = []
  let source: SourceLine | undefined
  for (const entry of entries) {
    if (typeof entry === 'string') text.push(...entry.split('\n'))
    else if ('state' in entry) text.push(...arrival(entry))
    else {
      const here = lines.get(entry.slot)
      if (here && here !== source) text.push(`; ${here.text.trim()} @ ${here.file.split('/').at(-1)}:${here.line}`)
      source = here ?? source
      text.push(step(entry, code))
    }
  }
  return text
}

function arrival({ from, to, state }: Arrival): string[] {
  const all = describeFrame(state.frame, state.depth)
  return from < 0 ? [`${to}: ${all}`] : ['', `from ${from} to ${to}: ${all}`, `${to}: ${all}`]
}

function step({ slot, touched, depth }: Step, code: Code): string {
  const opcode = code.opcode[slot].toString(16).padStart(2, '0')
  const line = `${slot}: (${opcode}) ${printInstruction(code, slot).replace(/ ll$/, '')}`
  const left = (touched ?? []).flatMap(([r, reg]) => (reg.type === '?' ? [] : [`R${r}=${describeValue(reg)}`]))
  if (left.length === 0 || opAt(code, slot).kind === 'exit') return line
  return `${line.padEnd(RESULTS_AT)}; ${frameName(depth)}${left.join(' ')}`
}
