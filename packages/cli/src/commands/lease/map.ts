import type { Kernel, Lease, NamespaceTarget, PagePool, Queue, QueueStats, Where } from 'netkit'

/** A lease with what its physical queue does. */
export interface MappedLease {
  readonly lease: Lease
  /** Absent where the queue cannot be seen any more. */
  readonly queue: Queue | undefined
  /** What its driver counts. */
  readonly stats: QueueStats | undefined
  /** Its page pools. */
  readonly pools: readonly PagePool[]
}

/** What queues of NICs there are in a namespace. */
interface Place {
  readonly queues: readonly Queue[]
  readonly stats: readonly QueueStats[]
  readonly pools: readonly PagePool[]
}

/** Looks at the physical queue of each lease: who consumes it, how much it holds, what it lost. `where`: as the leases were listed. */
export async function mapLeases(kernel: Kernel, leases: readonly Lease[], where: Where): Promise<MappedLease[]> {
  const places = new Map<NamespaceTarget | undefined, Place>()
  const mapped: MappedLease[] = []
  for (const lease of leases) {
    const target = where.in ?? lease.lessor.namespace.name
    const place = places.get(target) ?? (await look(kernel, { in: target, signal: where.signal }))
    places.set(target, place)
    mapped.push(mapOne(lease, place))
  }
  return mapped
}

async function look(kernel: Kernel, where: Where): Promise<Place> {
  return {
    queues: await kernel.queues.list(where),
    stats: await kernel.stats.queues(where),
    pools: await kernel.pagePools.list(where),
  }
}

function mapOne(lease: Lease, { queues, stats, pools }: Place): MappedLease {
  const { ifindex, queue: id } = lease.lessor
  const queue = queues.find((q) => q.ifindex === ifindex && q.type === 'rx' && q.id === id)
  return {
    lease,
    queue,
    stats: stats.find((s) => s.ifindex === ifindex && s.queueType === 'rx' && s.queueId === id),
    pools: queue?.napiId === undefined ? [] : pools.filter((p) => p.napiId === queue.napiId),
  }
}

/** Buffers of the queue that somebody has: its ring, packets on their way, or the application. */
export const inUse = ({ pools }: MappedLease): number | undefined =>
  pools.length === 0 ? undefined : pools.reduce((sum, { inflight = 0 }) => sum + inflight, 0)

/** How often the NIC found no buffer: its page pool had none, or an AF_XDP application's fill ring. */
export const starved = ({ stats }: MappedLease): number | undefined =>
  stats?.rxAllocFail === undefined && stats?.rxHwDropOverruns === undefined
    ? undefined
    : (stats.rxAllocFail ?? 0) + (stats.rxHwDropOverruns ?? 0)
