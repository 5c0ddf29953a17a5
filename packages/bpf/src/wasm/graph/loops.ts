import type { Order } from './flow.ts'

/** The loops of a reducible flow. A loop is called by its header. */
export interface Loops {
  /** For each node the smallest loop it is in (a header is in its own), or -1. */
  readonly inner: Int32Array
  /** For each header the next larger loop, or -1. */
  readonly outer: Int32Array
  /** For each header the number of loops around its own. */
  readonly depth: Int32Array
}

/** Finds the loops: a header and whatever leads to an edge back to it without passing it. */
export function loopsOf({ nodes, place }: Order, predecessors: readonly (readonly number[])[]): Loops {
  const inner = new Int32Array(place.length).fill(-1)
  const outer = new Int32Array(place.length).fill(-1)
  // Inner headers come after outer ones, so going backwards finds inner loops first.
  for (let i = nodes.length - 1; i >= 0; i--) {
    const header = nodes[i]
    const work = predecessors[header].filter((from) => place[from] >= i)
    if (work.length === 0) continue
    inner[header] = header
    for (let node = work.pop(); node !== undefined; node = work.pop()) {
      const known = inner[node]
      if (known < 0) {
        inner[node] = header
        work.push(...predecessors[node])
        continue
      }
      let largest = known
      while (largest !== header && outer[largest] >= 0) largest = outer[largest]
      if (largest === header) continue
      outer[largest] = header
      work.push(...predecessors[largest])
    }
  }
  const depth = new Int32Array(place.length)
  for (const node of nodes) if (inner[node] === node && outer[node] >= 0) depth[node] = depth[outer[node]] + 1
  return { inner, outer, depth }
}

/** The largest loop that contains `from` but not `to`, or -1: what a jump from one to the other leaves. */
export function loopLeft({ inner, outer, depth }: Loops, from: number, to: number): number {
  let left = -1
  let a = inner[from]
  let b = inner[to]
  while (a !== b) {
    if (a >= 0 && (b < 0 || depth[a] >= depth[b])) {
      left = a
      a = outer[a]
    } else b = outer[b]
  }
  return left
}
