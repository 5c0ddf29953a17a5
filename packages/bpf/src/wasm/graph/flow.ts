/** Control flow: for each node where it goes next. Node 0 is the entry. A node with two successors goes to the first when its
 *  condition holds; one with more picks by number. */
export interface Flow {
  readonly successors: readonly (readonly number[])[]
}

/** What can be reached, in reverse postorder, and each node's place in it; -1 for what cannot be reached. */
export interface Order {
  readonly nodes: Int32Array
  readonly place: Int32Array
}

export function orderOf({ successors }: Flow): Order {
  const count = successors.length
  const place = new Int32Array(count).fill(-1)
  const post: number[] = []
  const seen = new Uint8Array(count)
  const next = new Int32Array(count)
  const stack = [0]
  seen[0] = 1
  while (stack.length > 0) {
    const node = stack[stack.length - 1]
    // The last successor is entered first, so that the first comes right after the node.
    const at = successors[node].length - 1 - next[node]++
    if (at < 0) {
      post.push(node)
      stack.pop()
    } else if (seen[successors[node][at]] === 0) {
      seen[successors[node][at]] = 1
      stack.push(successors[node][at])
    }
  }
  const nodes = Int32Array.from(post.reverse())
  for (let i = 0; i < nodes.length; i++) place[nodes[i]] = i
  return { nodes, place }
}

/** For each node where it is reached from, unreachable nodes left out. A node stands twice if both ways of a branch go there. */
export function predecessorsOf({ successors }: Flow, { nodes }: Order): number[][] {
  const predecessors: number[][] = successors.map(() => [])
  for (const node of nodes) for (const to of successors[node]) predecessors[to].push(node)
  return predecessors
}
