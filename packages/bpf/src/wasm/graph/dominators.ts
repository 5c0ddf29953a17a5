import type { Order } from './flow.ts'

/**
 * For each reachable node the closest one that every way to it passes; the entry has itself, unreachable nodes -1. By
 * repeated intersection in reverse postorder (Cooper, Harvey and Kennedy), which takes two rounds on most programs.
 */
export function dominatorsOf(order: Order, predecessors: readonly (readonly number[])[]): Int32Array {
  const { nodes, place } = order
  const dominator = new Int32Array(place.length).fill(-1)
  dominator[0] = 0
  for (let changed = true; changed; ) {
    changed = false
    for (let i = 1; i < nodes.length; i++) {
      let closest = -1
      for (const from of predecessors[nodes[i]]) {
        if (dominator[from] < 0) continue
        closest = closest < 0 ? from : meet(dominator, place, closest, from)
      }
      if (dominator[nodes[i]] === closest) continue
      dominator[nodes[i]] = closest
      changed = true
    }
  }
  return dominator
}

function meet(dominator: Int32Array, place: Int32Array, a: number, b: number): number {
  let left = a
  let right = b
  while (left !== right) {
    while (place[left] > place[right]) left = dominator[left]
    while (place[right] > place[left]) right = dominator[right]
  }
  return left
}

/** Whether every way to `node` passes `by`. */
export function dominates(dominator: Int32Array, place: Int32Array, by: number, node: number): boolean {
  let at = node
  while (place[at] > place[by]) at = dominator[at]
  return at === by
}
