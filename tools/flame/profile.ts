import { type HeapProfiler, type Profiler, Session } from 'node:inspector/promises'

const WARM_UP = 2_000_000
const PACKETS = 10_000_000
const SAMPLE_US = 100
/** Bytes between samples of what is allocated: small things are seen, too. */
const SAMPLE_BYTES = 256

/** A function and what it called, with the time that was seen in them, in microseconds. */
export interface Flame {
  readonly name: string
  readonly value: number
  readonly children: readonly Flame[]
}

export interface Profile {
  readonly flame: Flame
  readonly packets: number
  /** Bytes that were allocated meanwhile, by the functions that did. */
  readonly allocated: ReadonlyMap<string, number>
}

/** Runs `send` while the engine is watched. */
export async function profile(send: (packets: number) => void): Promise<Profile> {
  send(WARM_UP)
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US })
  await session.post('Profiler.start')
  send(PACKETS)
  const cpu = (await session.post('Profiler.stop')).profile
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: SAMPLE_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  } as HeapProfiler.StartSamplingParameterType)
  send(PACKETS)
  const heap = (await session.post('HeapProfiler.stopSampling')).profile
  session.disconnect()
  return { flame: flameOf(cpu), packets: PACKETS, allocated: allocations(heap.head) }
}

function flameOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Flame {
  const own = new Map<number, number>()
  for (const [i, id] of samples.entries()) own.set(id, (own.get(id) ?? 0) + timeDeltas[i])
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const build = (id: number): Flame => {
    const { callFrame, children = [] } = byId.get(id) as Profiler.ProfileNode
    const below = children.map(build).filter(({ value }) => value > 0)
    const value = below.reduce((sum, child) => sum + child.value, own.get(id) ?? 0)
    return { name: callFrame.functionName || '(anonymous)', value, children: below }
  }
  return build(nodes[0].id)
}

function allocations(head: HeapProfiler.SamplingHeapProfileNode): Map<string, number> {
  const found = new Map<string, number>()
  const visit = ({ callFrame, selfSize, children }: HeapProfiler.SamplingHeapProfileNode): void => {
    // What the watching itself takes has no place in a source.
    if (selfSize > 0 && callFrame.url !== '' && !callFrame.url.startsWith('node:'))
      found.set(callFrame.functionName, (found.get(callFrame.functionName) ?? 0) + selfSize)
    for (const child of children) visit(child)
  }
  visit(head)
  return found
}
