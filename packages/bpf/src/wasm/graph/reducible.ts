import { dominates, dominatorsOf } from './dominators.ts'
import { type Flow, orderOf, predecessorsOf } from './flow.ts'

/** A flow made reducible. Its nodes are those of the original one and, behind them, added ones. */
export interface Reducible extends Flow {
  /** What the added nodes do, from the first one on. */
  readonly added: readonly Added[]
}

/** `pick` notes which successor the next `dispatch` of the same region goes to. */
export type Added =
  | { readonly kind: 'pick'; readonly region: number; readonly choice: number }
  | { readonly kind: 'dispatch'; readonly region: number }

/**
 * Makes every loop have one way in. A region that is entered at several nodes gets a dispatch node, which all ways to those
 * nodes pass, with a number that says where to go; the rest of the flow is left as it is.
 */
export function makeReducible(flow: Flow): Reducible {
  const added: Added[] = []
  if (isReducible(flow)) return { successors: flow.successors, added }
  const successors = flow.successors.map((list) => [...list])
  const first = successors.length
  const everything = orderOf(flow).nodes
  const work: { nodes: Iterable<number>; header: number }[] = [{ nodes: everything, header: -1 }]
  for (let item = work.pop(); item; item = work.pop()) {
    for (const region of regionsOf(successors, item.nodes, item.header)) {
      const inside = new Set(region)
      const entries = entriesOf(successors, inside)
      let header = entries[0]
      if (entries.length > 1) header = addDispatch(successors, added, inside, entries, first)
      work.push({ nodes: inside, header })
    }
  }
  return { successors, added }
}

function isReducible(flow: Flow): boolean {
  const order = orderOf(flow)
  const dominator = dominatorsOf(order, predecessorsOf(flow, order))
  for (const from of order.nodes) {
    for (const to of flow.successors[from]) {
      if (order.place[to] <= order.place[from] && !dominates(dominator, order.place, to, from)) return false
    }
  }
  return true
}

/** The nodes of a region that are reached from outside, in a fixed order. The flow's entry counts as reached. */
function entriesOf(successors: readonly number[][], inside: ReadonlySet<number>): number[] {
  const entries = new Set<number>()
  if (inside.has(0)) entries.add(0)
  for (const [from, list] of successors.entries()) {
    if (inside.has(from)) continue
    for (const to of list) if (inside.has(to)) entries.add(to)
  }
  return [...entries].sort((a, b) => a - b)
}

/** Leads every way to `entries` through a new node, which joins the region. */
function addDispatch(
  successors: number[][],
  added: Added[],
  inside: Set<number>,
  entries: readonly number[],
  first: number,
): number {
  const region = added.length
  const dispatch = first + region
  added.push({ kind: 'dispatch', region })
  successors.push([...entries])
  const count = successors.length
  for (let from = 0; from < count; from++) {
    if (from === dispatch) continue
    for (const [i, to] of successors[from].entries()) {
      const choice = entries.indexOf(to)
      if (choice < 0) continue
      const pick = successors.length
      added.push({ kind: 'pick', region, choice })
      successors.push([dispatch])
      successors[from][i] = pick
      if (inside.has(from)) inside.add(pick)
    }
  }
  inside.add(dispatch)
  return dispatch
}

/** The strongly connected parts of some nodes in which something repeats; edges to `header` do not count (Tarjan). */
function regionsOf(successors: readonly number[][], nodes: Iterable<number>, header: number): number[][] {
  const inside = new Set(nodes)
  const index = new Map<number, number>()
  const low = new Map<number, number>()
  const onStack = new Set<number>()
  const stack: number[] = []
  const regions: number[][] = []
  const close = (node: number): void => {
    const region: number[] = []
    for (let top = -1; top !== node; ) {
      top = stack.pop()!
      onStack.delete(top)
      region.push(top)
    }
    const repeats = region.length > 1 || (node !== header && successors[node].includes(node))
    if (repeats) regions.push(region)
  }
  for (const root of inside) {
    if (index.has(root)) continue
    const path: { node: number; next: number }[] = []
    const enter = (node: number): void => {
      index.set(node, index.size)
      low.set(node, index.get(node)!)
      stack.push(node)
      onStack.add(node)
      path.push({ node, next: 0 })
    }
    enter(root)
    while (path.length > 0) {
      const at = path[path.length - 1]
      const { node } = at
      const to = successors[node][at.next++]
      if (to === undefined) {
        path.pop()
        const parent = path[path.length - 1]?.node
        if (parent !== undefined) low.set(parent, Math.min(low.get(parent)!, low.get(node)!))
        if (low.get(node) === index.get(node)) close(node)
      } else if (to === header || !inside.has(to)) continue
      else if (!index.has(to)) enter(to)
      else if (onStack.has(to)) low.set(node, Math.min(low.get(node)!, index.get(to)!))
    }
  }
  return regions
}
