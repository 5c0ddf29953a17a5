import { type Code, jumpTarget, opAt } from '../isa/code.ts'
import { type Functions, successors } from './cfg.ts'

/** R1 to R5: what a call reads, and leaves undefined. */
const ARGS = 0b111110

/** Registers that an instruction reads and writes, as bit sets. */
interface Use {
  readonly reads: number
  readonly writes: number
}

/** Registers of one instruction. Calls read as many arguments as `arity` says. */
function useOf(code: Code, slot: number, arity: (slot: number) => number): Use {
  const op = opAt(code, slot)
  const dst = 1 << code.dst[slot]
  const src = 1 << code.src[slot]
  switch (op.kind) {
    case 'alu': {
      const other = op.operand === 'reg' ? src : 0
      return { reads: op.operator === 'mov' ? other : dst | other, writes: dst }
    }
    case 'movsx':
    case 'cast':
      return { reads: src, writes: dst }
    case 'neg':
    case 'swap':
      return { reads: dst, writes: dst }
    case 'load':
    case 'loadAcquire':
      return { reads: src, writes: dst }
    case 'store':
      return { reads: op.operand === 'reg' ? dst | src : dst, writes: 0 }
    case 'storeRelease':
      return { reads: dst | src, writes: 0 }
    case 'atomic':
      return atomicUse(op.operator === 'cmpxchg', op.fetch, dst, src)
    case 'const':
      return { reads: 0, writes: dst }
    case 'branch':
      return { reads: op.operand === 'reg' ? dst | src : dst, writes: 0 }
    case 'gotox':
      return { reads: dst, writes: 0 }
    case 'packet':
      return { reads: (1 << 6) | (op.at === 'ind' ? src : 0), writes: 1 | ARGS }
    case 'call':
      return { reads: ARGS & ((2 << arity(slot)) - 1), writes: 1 | ARGS }
    case 'exit':
      return { reads: 1, writes: 0 }
    default:
      return { reads: 0, writes: 0 }
  }
}

const atomicUse = (compares: boolean, fetch: boolean, dst: number, src: number): Use =>
  compares ? { reads: dst | src | 1, writes: 1 } : { reads: dst | src, writes: fetch ? src : 0 }

/** For each slot the registers whose values may still be read, as bit sets. */
export function liveRegisters(code: Code, arity: (slot: number) => number): Uint16Array {
  const live = new Uint16Array(code.length)
  for (let changed = true; changed; ) {
    changed = false
    for (let slot = code.length - 1; slot >= 0; slot--) {
      const { reads, writes } = useOf(code, slot, arity)
      let after = 0
      for (const next of successors(code, slot)) after |= live[next] ?? 0
      const before = (after & ~writes) | reads | (1 << 10)
      if (before === live[slot]) continue
      live[slot] = before
      changed = true
    }
  }
  return live
}

/**
 * Numbers on which a decision of the verifier rests, so that states that differ in them differ. It grows while paths are
 * explored: what nobody has asked for yet on a path that was explored to its end does not matter to those who come there again.
 */
export class Demand {
  /** By slot: registers whose numbers matter before it runs. */
  readonly regs: Uint16Array
  /** By slot: stack slots of the function's own frame. */
  readonly #slots: BigUint64Array
  /** Something was passed on over the stack of another frame: all numbers on stacks matter. */
  everySlot = false
  readonly #code: Code
  readonly #functions: Functions
  readonly #before: readonly (readonly number[])[]
  /** Stack slots that each load or store was seen to use, of its own frame. */
  readonly #touched: BigUint64Array
  readonly #callers = new Map<number, number[]>()
  readonly #exits = new Map<number, number[]>()

  constructor(code: Code, functions: Functions) {
    this.#code = code
    this.#functions = functions
    this.regs = new Uint16Array(code.length)
    this.#slots = new BigUint64Array(code.length)
    this.#touched = new BigUint64Array(code.length)
    const before: number[][] = Array.from({ length: code.length }, () => [])
    for (let slot = 0; slot < code.length; slot++) {
      const op = opAt(code, slot)
      if (op.kind === 'second') continue
      for (const next of successors(code, slot)) before[next]?.push(slot)
      if (op.kind === 'call' && op.callee === 'subprogram') push(this.#callers, jumpTarget(code, slot), slot)
      if (op.kind === 'exit') push(this.#exits, functions.startOf(slot), slot)
    }
    this.#before = before
  }

  slots(slot: number): bigint {
    return this.#slots[slot]
  }

  /** A load or store was seen to use stack slots of its own frame (a bit set), or of another. */
  touch(slot: number, stackSlots: bigint, isOwn: boolean): void {
    if (!isOwn) this.everySlot = true
    const more = stackSlots & ~this.#touched[slot]
    if (more === 0n) return
    this.#touched[slot] |= more
    // What was asked for behind it may reach through it now.
    for (const next of successors(this.#code, slot)) this.#through(slot, this.regs[next] ?? 0, this.#slots[next] ?? 0n)
  }

  /** The numbers in these registers matter before `slot` runs. */
  need(slot: number, regs: number): void {
    this.#add(slot, regs, 0n)
  }

  /** The numbers in these stack slots matter before `slot` runs. */
  needSlots(slot: number, slots: bigint): void {
    this.#add(slot, 0, slots)
  }

  #add(first: number, regs: number, slots: bigint): void {
    const open: [number, number, bigint][] = [[first, regs, slots]]
    for (let item = open.pop(); item; item = open.pop()) {
      const [slot, wantedRegs, wantedSlots] = item
      const newRegs = wantedRegs & ~this.regs[slot]
      const newSlots = wantedSlots & ~this.#slots[slot]
      if (newRegs === 0 && newSlots === 0n) continue
      this.regs[slot] |= newRegs
      this.#slots[slot] |= newSlots
      for (const p of this.#before[slot]) open.push([p, ...this.#carried(p, newRegs, newSlots)])
      if (this.#functions.startOf(slot) === slot) {
        for (const caller of this.#callers.get(slot) ?? []) open.push([caller, newRegs & ARGS, 0n])
      }
    }
  }

  #through(slot: number, regs: number, slots: bigint): void {
    if (regs === 0 && slots === 0n) return
    const [r, s] = this.#carried(slot, regs, slots)
    this.#add(slot, r, s)
  }

  /** What matters before an instruction because something matters after it. */
  #carried(slot: number, regs: number, slots: bigint): readonly [number, bigint] {
    const code = this.#code
    const op = opAt(code, slot)
    const dst = 1 << code.dst[slot]
    const src = 1 << code.src[slot]
    const kept = regs & ~dst
    switch (op.kind) {
      case 'alu':
        if ((regs & dst) === 0) return [regs, slots]
        if (op.operator === 'mov') return [op.operand === 'reg' ? kept | src : kept, slots]
        return [op.operand === 'reg' ? regs | src : regs, slots]
      case 'movsx':
      case 'cast':
        return [(regs & dst) === 0 ? regs : kept | src, slots]
      case 'const':
        return [kept, slots]
      case 'load':
      case 'loadAcquire':
        return [kept, (regs & dst) === 0 ? slots : slots | this.#touched[slot]]
      case 'store':
      case 'storeRelease':
        // The slot may be written in part only: what was in it goes on mattering.
        return [(slots & this.#touched[slot]) === 0n ? regs : regs | src, slots]
      case 'atomic':
        return [regs & ~(op.operator === 'cmpxchg' ? 1 : op.fetch ? src : 0), slots]
      case 'packet':
        return [regs & ~(1 | ARGS), slots]
      case 'call':
        if (op.callee === 'subprogram' && (regs & 1) !== 0) {
          for (const exit of this.#exits.get(jumpTarget(code, slot)) ?? []) this.#add(exit, 1, 0n)
        }
        return [regs & ~(1 | ARGS), slots]
      default:
        return [regs, slots]
    }
  }
}

function push(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
