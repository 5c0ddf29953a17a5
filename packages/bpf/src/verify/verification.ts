import { type Code, opAt } from '../isa/code.ts'
import { PROG_TYPE } from '../syscall/numbers.ts'
import type { Functions } from './cfg.ts'
import { CONTEXTS, type ContextField, type ContextLayout } from './context.ts'
import type { GlobalFunction } from './global.ts'
import type { VerifyInput } from './input.ts'
import { Journal } from './journal.ts'
import type { Step } from './log.ts'
import { type Point, readSlots } from './point.ts'
import { PROTOTYPES, type Prototype } from './prototype.ts'
import { denied, EACCES, invalid, Refusal } from './refusal.ts'
import { isPacket, NONE, number, pointer, type Reg, UNKNOWN_SCALAR } from './reg.ts'
import { known } from './scalar.ts'
import { type Frame, State } from './state.ts'

/** One program under verification: what all parts of the verifier share, and where it is. */
export class Verification {
  readonly input: VerifyInput
  readonly code: Code
  readonly functions: Functions
  readonly context: ContextLayout
  readonly prototypes: Readonly<Record<string, Prototype>>
  /** The path that is being followed, and the slot that comes next on it. */
  state = State.start(0, [pointer('ctx')])
  slot = 0
  /** Fields of the context that are read and written anywhere. */
  readonly contextReads = new Set<ContextField>()
  readonly contextWrites = new Set<ContextField>()
  /** Writes to the packet without a helper. */
  writesPacket = false
  /** Lowest offset from its fp that each function uses, by its start. */
  readonly stackUse = new Map<number, number>()
  readonly log = new Journal()
  /** Global functions, and whether functions move the packet, as far as anybody asked. */
  readonly globals = new Map<number, GlobalFunction>()
  readonly movers = new Map<number, boolean>()
  /** Functions that timers call. */
  readonly asyncCallbacks = new Set<number>()
  /** The last point of the path at which its state was kept, and stack slots written since, by depth of the frame. */
  point: Point | undefined
  written: bigint[] = []
  readonly #immediates: Reg[] = []
  #ids = 0

  constructor(input: VerifyInput, functions: Functions) {
    const context = CONTEXTS.get(input.programType)
    if (!context) throw invalid(`programs of type ${input.programType} cannot be loaded here`)
    this.input = input
    this.code = input.code
    this.functions = functions
    this.context = context
    this.prototypes = input.programType === PROG_TYPE.xdp ? PROTOTYPES.xdp : PROTOTYPES.schedCls
  }

  /** Whoever loads it may see addresses, and read what it has not written. */
  get privileged(): boolean {
    return this.input.perfmon
  }

  /** What is left of a pointer that means nothing any more: a number, for those who may know it. */
  get stale(): Reg {
    return this.privileged ? UNKNOWN_SCALAR : NONE
  }

  /** Packet pointers and slices of packets mean nothing any more, since the packet may lie elsewhere. */
  forgetPacket(): void {
    const { stale } = this
    this.state.replaceAll((reg) =>
      isPacket(reg) || (reg.type === 'mem' && (reg.kind === 'skb' || reg.kind === 'xdp')) ? stale : reg,
    )
  }

  /** A function uses its stack down to an offset from its fp. */
  useStack({ start }: Frame, low: number): void {
    if (low < (this.stackUse.get(start) ?? 0)) this.stackUse.set(start, low)
  }

  newId(): number {
    return ++this.#ids
  }

  get regs(): Reg[] {
    return this.state.regs
  }

  /** A register that is read. */
  read(r: number): Reg {
    const reg = this.state.regs[r]
    if (reg.type === '?') throw denied(`R${r} !read_ok`)
    return reg
  }

  /** The instruction's immediate, as an operand that goes nowhere else. */
  get immediate(): Reg {
    const { slot } = this
    this.#immediates[slot] ??= number(known(this.code.imm[slot]), 0, 0, undefined)
    return this.#immediates[slot]
  }

  /** A register that is written. */
  write(r: number, reg: Reg): void {
    if (r === 10) throw denied('frame pointer is read only')
    this.state.regs[r] = reg
  }

  /** The number in a register decides something. */
  need(r: number): void {
    this.state.regs[r].trace?.demand()
  }

  /** Refuses to give away an address to those who may not know it. */
  keepSecret(r: number, text: string): void {
    const { type } = this.state.regs[r]
    if (!this.privileged && type !== 'scalar' && type !== '?') throw new Refusal(EACCES, text)
  }

  say(line: string): void {
    if (this.input.logLevel > 0) this.log.push(line)
  }

  /** The instruction that is looked at. */
  sayStep(): void {
    if (this.input.logLevel > 0) this.log.push({ slot: this.slot })
  }

  /** What the instruction left in the registers that it used (a bit set), behind it. */
  sayResult(used: number): void {
    if (this.input.logLevel === 0) return
    const last = this.log.last
    if (typeof last !== 'object' || 'state' in last) return
    const { regs, depth } = this.state
    const step = last as Step
    step.depth = depth
    const touched: [number, Reg][] = []
    for (let r = 0; r <= 10; r++) if (((used >> r) & 1) === 1) touched.push([r, regs[r]])
    step.touched = touched
  }

  /** Slots of a frame's stack (a bit set) are read: who was here before on this path could have had others in them. */
  readSlots(depth: number, slots: bigint): void {
    readSlots(this, depth, slots)
  }

  /** Slots are overwritten as a whole. */
  writeSlots(depth: number, slots: bigint): void {
    this.written[depth] = (this.written[depth] ?? 0n) | slots
  }

  get op() {
    return opAt(this.code, this.slot)
  }
}
