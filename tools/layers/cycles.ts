import type { Finding } from './check.ts'

/** An import from one file to another of the same package. */
export interface Edge {
  readonly from: string
  readonly to: string
  readonly line: number
}

/**
 * Cycles between the folders of one `src/`, at every depth: what stands side by side in a folder, be it a folder or
 * a file, must be sortable so that imports point one way. Files that import each other are their own business.
 */
export const folderCycles = (src: string, edges: readonly Edge[]): Finding[] => {
  const folders = new Set<string>()
  for (const { from, to } of edges)
    for (const file of [from, to]) for (const up of ancestors(src, file)) folders.add(up)
  return [...folders].sort().flatMap((folder) => cyclesIn(folder, edges))
}

const cyclesIn = (folder: string, edges: readonly Edge[]): Finding[] => {
  const graph = new Map<string, Map<string, Edge>>() // neighbour → neighbour → the first import between them
  for (const edge of edges) {
    const from = childOf(folder, edge.from)
    const to = childOf(folder, edge.to)
    if (!from || !to || from === to) continue
    if (!graph.has(from)) graph.set(from, new Map())
    if (!graph.get(from)?.has(to)) graph.get(from)?.set(to, edge)
  }
  const told = new Set<string>()
  return [...graph.keys()].sort().flatMap((start) => {
    if (!start.endsWith('/') || told.has(start)) return []
    const way = shortestCycle(graph, start)
    if (!way) return []
    for (const stop of way) told.add(stop)
    return [describe(folder, graph, way)]
  })
}

/** The stops of the shortest way from `start` back to it, `start` first and not repeated. */
const shortestCycle = (graph: ReadonlyMap<string, ReadonlyMap<string, Edge>>, start: string): string[] | undefined => {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const at of queue) {
    for (const next of graph.get(at)?.keys() ?? []) {
      if (next === start) {
        const way = [at]
        for (let stop = at; stop !== start; ) {
          stop = cameFrom.get(stop) ?? start
          way.unshift(stop)
        }
        return way
      }
      if (cameFrom.has(next)) continue
      cameFrom.set(next, at)
      queue.push(next)
    }
  }
  return
}

const describe = (folder: string, graph: Map<string, Map<string, Edge>>, way: readonly string[]): Finding => {
  const steps = way.map((from, i) => {
    const to = way[(i + 1) % way.length]!
    return { from, to, edge: graph.get(from)!.get(to)! }
  })
  const told = steps.slice(1).map(({ from, to, edge }) => `${from} imports ${to} (${edge.from}:${edge.line})`)
  const first = steps[0]!
  return {
    file: first.edge.from,
    line: first.edge.line,
    says: `closes a cycle in ${folder}: ${first.from} imports ${first.to} here, and ${told.join(', ')}.`,
  }
}

/** What a file belongs to inside a folder: `net/` for a file further down, its own name for one right there. */
const childOf = (folder: string, file: string): string | undefined => {
  if (!file.startsWith(`${folder}/`)) return
  const rest = file.slice(folder.length + 1)
  const slash = rest.indexOf('/')
  return slash < 0 ? rest : rest.slice(0, slash + 1)
}

const ancestors = (src: string, file: string): string[] => {
  const found: string[] = []
  for (let at = file.lastIndexOf('/'); at >= src.length; at = file.lastIndexOf('/', at - 1))
    found.push(file.slice(0, at))
  return found
}
