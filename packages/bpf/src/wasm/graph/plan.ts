import { dominatorsOf } from './dominators.ts'
import type { Flow, Order } from './flow.ts'
import { loopLeft, loopsOf } from './loops.ts'

/** Where the code of each node of a reducible flow stands. */
export interface Plan {
  readonly isHeader: Uint8Array
  /** Nodes that are reached by jumps, not by falling into them: their code stands right after a block. */
  readonly isMerge: Uint8Array
  /** For each node the merge nodes whose code comes after it, inside whatever loop it heads; last first. */
  readonly within: readonly number[][]
  /** For each header the merge nodes whose code comes after the whole loop; last first. */
  readonly afterLoop: readonly number[][]
}

export function planOf(order: Order, predecessors: readonly number[][], { successors }: Flow): Plan {
  const { nodes, place } = order
  const count = successors.length
  const isHeader = new Uint8Array(count)
  const isMerge = new Uint8Array(count)
  const within: number[][] = successors.map(() => [])
  const afterLoop: number[][] = successors.map(() => [])
  const dominator = dominatorsOf(order, predecessors)
  const loops = loopsOf(order, predecessors)
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]
    let jumps = 0
    for (const from of predecessors[node]) {
      if (place[from] >= i) isHeader[node] = 1
      else jumps += successors[from].length > 2 ? 2 : 1
    }
    if (i === 0) break
    // What a loop leaves for goes behind its end even if one jump alone leads there: engines unroll and schedule a loop by
    // what stands inside it.
    const left = loopLeft(loops, dominator[node], node)
    if (left < 0 && jumps < 2) continue
    isMerge[node] = 1
    ;(left < 0 ? within[dominator[node]] : afterLoop[left]).push(node)
  }
  return { isHeader, isMerge, within, afterLoop }
}
