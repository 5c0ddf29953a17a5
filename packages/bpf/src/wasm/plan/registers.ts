import { type Code, opAt } from '../../isa/code.ts'
import { type Helper, TAIL_CALL } from '../../run/helper.ts'
import type { Machine } from '../../run/machine.ts'
import type { Order } from '../graph/flow.ts'
import { type FunctionBlocks, slotsOf } from './blocks.ts'

/** Registers as bits of a number. */
const bit = (register: number): number => 1 << register
/** R1 to R5. */
const ARGUMENTS = 0b11_1110
const R0 = 1
const R6 = bit(6)
/** Where the frame is: what writes it is refused. */
export const R10 = bit(10)

/** The helper or kfunc that a call names. */
export const helperAt = (code: Code, slot: number, { helpers, kfuncs }: Machine): Helper | undefined => {
  const op = opAt(code, slot)
  if (op.kind !== 'call') return undefined
  return (op.callee === 'helper' ? helpers : kfuncs).get(code.imm[slot])
}

/** Registers that an instruction reads. */
function readBy(code: Code, slot: number, machine: Machine): number {
  const op = opAt(code, slot)
  const dst = bit(code.dst[slot])
  const src = bit(code.src[slot])
  switch (op.kind) {
    case 'alu':
    case 'branch':
      return (op.operand === 'reg' ? src : 0) | (op.kind === 'alu' && op.operator === 'mov' ? 0 : dst)
    case 'store':
      return dst | (op.operand === 'reg' ? src : 0)
    case 'storeRelease':
      return dst | src
    case 'atomic':
      return dst | src | (op.operator === 'cmpxchg' ? R0 : 0)
    case 'neg':
    case 'swap':
    case 'gotox':
      return dst
    case 'movsx':
    case 'cast':
    case 'load':
    case 'loadAcquire':
      return src
    case 'packet':
      return R6 | (op.at === 'ind' ? src : 0)
    case 'call': {
      if (op.callee === 'subprogram') return ARGUMENTS
      if (op.callee === 'helper' && code.imm[slot] === TAIL_CALL) return bit(1) | bit(2) | bit(3)
      const count = helperAt(code, slot, machine)?.args.length ?? 0
      return ARGUMENTS & (bit(Math.min(count, 5) + 1) - 1)
    }
    case 'exit':
      return R0
    default:
      return 0
  }
}

/** Registers that have another value, or an undefined one, after an instruction. */
export function writtenBy(code: Code, slot: number): number {
  const op = opAt(code, slot)
  switch (op.kind) {
    case 'alu':
    case 'neg':
    case 'swap':
    case 'movsx':
    case 'cast':
    case 'load':
    case 'loadAcquire':
    case 'const':
      return bit(code.dst[slot])
    case 'atomic':
      if (op.operator === 'cmpxchg') return R0
      return op.fetch ? bit(code.src[slot]) : 0
    case 'packet':
    case 'call':
      return R0 | ARGUMENTS
    default:
      return 0
  }
}

/** What nodes do with registers. */
export interface RegisterUse {
  /** Registers whose values at the start of a node are needed. */
  readonly liveIn: Int32Array
  /** Registers whose values at the end of a node are needed. */
  readonly liveOut: Int32Array
  /** Registers that a node writes. */
  readonly written: Int32Array
}

/** @param successors Those of `blocks` after nodes were added to it; added nodes use nothing. */
export function registerUse(
  code: Code,
  machine: Machine,
  { nodes }: FunctionBlocks,
  successors: readonly (readonly number[])[],
  order: Order,
): RegisterUse {
  const count = successors.length
  const read = new Int32Array(count)
  const written = new Int32Array(count)
  for (const [at, node] of nodes.entries()) {
    if (node.kind !== 'code' || node.start < 0) continue
    const end = Math.min(node.end, code.length)
    for (let slot = node.start; slot < end; slot += slotsOf(code, slot)) {
      read[at] |= readBy(code, slot, machine) & ~written[at]
      written[at] |= writtenBy(code, slot)
    }
  }
  const liveIn = new Int32Array(count)
  const liveOut = new Int32Array(count)
  for (let changed = true; changed; ) {
    changed = false
    for (let i = order.nodes.length - 1; i >= 0; i--) {
      const at = order.nodes[i]
      let out = 0
      for (const to of successors[at]) out |= liveIn[to]
      const needed = read[at] | (out & ~written[at])
      changed ||= needed !== liveIn[at]
      liveOut[at] = out
      liveIn[at] = needed
    }
  }
  return { liveIn, liveOut, written }
}
