import { type Code, opAt } from '../../isa/code.ts'
import { ARGUMENT_REGISTER } from '../../isa/encoding.ts'
import type { Machine } from '../../run/machine.ts'
import { type Order, orderOf, predecessorsOf } from '../graph/flow.ts'
import { type Loops, loopsOf } from '../graph/loops.ts'
import { type Added, makeReducible } from '../graph/reducible.ts'
import { argumentIndex } from './arguments.ts'
import { type BlockNode, blocksOf, slotsOf } from './blocks.ts'
import { type RegisterUse, registerUse } from './registers.ts'

/** A function before its code is written. */
export interface FunctionPlan {
  readonly entry: number
  readonly nodes: readonly BlockNode[]
  /** What nodes behind `nodes` do. */
  readonly added: readonly Added[]
  readonly successors: readonly (readonly number[])[]
  readonly order: Order
  readonly predecessors: readonly number[][]
  readonly loops: Loops
  readonly use: RegisterUse
  /** Registers written in each loop, by header. */
  readonly loopWrites: Int32Array
  /** Arguments after the fifth that it takes. */
  readonly extra: number
}

/** @param counted Whether backward jumps are counted. */
export function planFunction(code: Code, entry: number, machine: Machine, counted: boolean): FunctionPlan {
  const blocks = blocksOf(code, entry, counted)
  const { successors, added } = makeReducible(blocks)
  const order = orderOf({ successors })
  const predecessors = predecessorsOf({ successors }, order)
  const loops = loopsOf(order, predecessors)
  const use = registerUse(code, machine, blocks, successors, order)
  return {
    entry,
    nodes: blocks.nodes,
    added,
    successors,
    order,
    predecessors,
    loops,
    use,
    loopWrites: loopWrites(loops, order, use),
    extra: extraArguments(code, blocks.nodes),
  }
}

function loopWrites(loops: Loops, { nodes }: Order, { written }: RegisterUse): Int32Array {
  const writes = new Int32Array(written.length)
  for (const node of nodes) {
    for (let header = loops.inner[node]; header >= 0; header = loops.outer[header]) writes[header] |= written[node]
  }
  return writes
}

function extraArguments(code: Code, nodes: readonly BlockNode[]): number {
  let most = 0
  for (const node of nodes) {
    if (node.kind !== 'code' || node.start < 0) continue
    for (let slot = node.start; slot < Math.min(node.end, code.length); slot += slotsOf(code, slot)) {
      const op = opAt(code, slot)
      if (op.kind !== 'load' || code.src[slot] !== ARGUMENT_REGISTER) continue
      most = Math.max(most, argumentIndex(code.off[slot], op.bytes) + 1)
    }
  }
  return most
}
