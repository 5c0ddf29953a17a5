import type { Code } from '../encode/code.ts'
import { EMPTY_BLOCK, OP } from '../encode/opcodes.ts'
import { type Flow, orderOf, predecessorsOf } from './flow.ts'
import { planOf } from './plan.ts'

/** Writes what a node does. It leaves on the stack: nothing with one successor, the condition (i32) with two, the number of
 *  the successor (i32) with more; with none it returns or traps. */
export type WriteNode = (node: number) => void

const TREE = 0
const LOOP = 1
const WITHIN = 2
const BRANCH = 3
const ELSE = 4
const END = 5
type Task = readonly [kind: number, node: number, rest: number]

/**
 * Writes a reducible flow as nested blocks, loops and ifs, with no variable that says where to go next. A node's code
 * contains that of the nodes it dominates; those reached from several places come after a block that ends right before
 * them, which is what a jump leaves (Ramsey, "Beyond Relooper", 2022). Works through a list of tasks because programs nest
 * deeper than a stack of calls may.
 */
export function writeStructured(flow: Flow, code: Code, writeNode: WriteNode): void {
  const { successors } = flow
  const order = orderOf(flow)
  const { place } = order
  const { isHeader, isMerge, within, afterLoop } = planOf(order, predecessorsOf(flow, order), flow)

  /** Where a jump out of each open construct goes; -1 for an `if`. */
  const open: number[] = []
  const tasks: Task[] = [[TREE, 0, 0]]
  const begin = (opcode: number, target: number): void => {
    code.begin(opcode, EMPTY_BLOCK)
    open.push(target)
  }
  /** The rest of `node` goes into a block, `next` behind it. */
  const wrap = (kind: number, node: number, rest: number, next: number): void => {
    begin(OP.block, next)
    tasks.push([TREE, next, 0], [END, 0, 0], [kind, node, rest + 1])
  }
  const label = (target: number): number => open.length - 1 - open.lastIndexOf(target)
  const jumps = (from: number, to: number): boolean => isMerge[to] === 1 || place[to] <= place[from]

  const writeEnd = (node: number): void => {
    const to = successors[node]
    if (to.length === 1) tasks.push([BRANCH, node, to[0]])
    else if (to.length > 2) {
      code.opIndex(OP.brTable, to.length - 1)
      for (const target of to) code.sink.u32(label(target))
    } else if (to.length === 2 && jumps(node, to[0])) {
      code.opIndex(OP.brIf, label(to[0]))
      tasks.push([BRANCH, node, to[1]])
    } else if (to.length === 2 && jumps(node, to[1])) {
      code.op(OP.i32Eqz)
      code.opIndex(OP.brIf, label(to[1]))
      tasks.push([TREE, to[0], 0])
    } else if (to.length === 2) {
      begin(OP.if, -1)
      tasks.push([END, 0, 0], [TREE, to[1], 0], [ELSE, 0, 0], [TREE, to[0], 0])
    }
  }

  for (let task = tasks.pop(); task; task = tasks.pop()) {
    const [kind, node, rest] = task
    if (kind === TREE && isHeader[node] === 1) tasks.push([LOOP, node, 0])
    else if (kind === TREE) tasks.push([WITHIN, node, 0])
    else if (kind === LOOP && rest < afterLoop[node].length) wrap(LOOP, node, rest, afterLoop[node][rest])
    else if (kind === LOOP) {
      begin(OP.loop, node)
      tasks.push([END, 0, 0], [WITHIN, node, 0])
    } else if (kind === WITHIN && rest < within[node].length) wrap(WITHIN, node, rest, within[node][rest])
    else if (kind === WITHIN) {
      writeNode(node)
      writeEnd(node)
    } else if (kind === BRANCH && jumps(node, rest)) code.opIndex(OP.br, label(rest))
    else if (kind === BRANCH) tasks.push([TREE, rest, 0])
    else if (kind === ELSE) code.op(OP.else)
    else {
      code.end()
      open.pop()
    }
  }
  // Nothing falls out of the last construct, which validation cannot know.
  code.op(OP.unreachable)
}
