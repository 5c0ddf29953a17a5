import { type Code, opAt } from '../isa/code.ts'
import { successors } from './cfg.ts'
import type { State } from './state.ts'

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

const RETURNED = 0b111111

/** Registers of a frame that may still be read when a state is at a slot: callers go on behind their calls. */
export function liveAt({ frames }: State, depth: number, slot: number, live: Uint16Array): number {
  const next = frames[depth + 1]
  return next ? live[next.callSite + 1] & ~RETURNED : live[slot]
}
