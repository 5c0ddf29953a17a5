import { type Device, type Kernel, KernelError, type Lease, type Queue, type QueueStats, type Where } from 'netkit'
import { consumerOf } from '../queue/consumer.ts'

/** What was counted until a moment. */
export interface Counts {
  readonly rxPackets: number
  readonly rxBytes: number
  readonly txPackets: number
  readonly txBytes: number
  readonly drops: number
}

/** Queues of one number, receive and transmit, as far as there are both. */
export interface QueueSample extends Counts {
  readonly id: number
  /** Who reads it without copies; empty: nobody. */
  readonly consumer: string
  /** The virtual queue that it is leased to: `nk0 rx 1 in pod`; empty: none. */
  readonly lessee: string
}

export interface DeviceSample extends Counts {
  /** Name of its namespace; empty: where the command acts. */
  readonly netns: string
  readonly ifindex: number
  readonly name: string
  readonly queues: readonly QueueSample[]
}

export interface Sample {
  /** ms of any clock. */
  readonly time: number
  readonly devices: readonly DeviceSample[]
}

/** Counters of all devices that are up, where the command acts, or there and in all named namespaces. */
export async function takeSample(kernel: Kernel, where: Where, time: number): Promise<Sample> {
  const here = await lookAt(kernel, where, '')
  const devices = [...here]
  for (const name of where.in ? [] : await kernel.namespaces.list()) {
    // It may have gone meanwhile.
    devices.push(...(await unlessRefused(lookAt(kernel, { ...where, in: name }, name))))
  }
  return { time, devices }
}

async function lookAt(kernel: Kernel, where: Where, netns: string): Promise<DeviceSample[]> {
  const devices = (await kernel.devices.list({ ...where, stats: true })).filter((d) => d.up)
  const queues = await unlessRefused(kernel.queues.list(where))
  const stats = await unlessRefused(kernel.stats.queues(where))
  const leases = queues.some((q) => q.lease) ? await unlessRefused(kernel.leases.list(where)) : []
  return devices.map((device) => ({
    netns,
    ifindex: device.ifindex,
    name: device.name,
    ...countsOf(device),
    queues: queuesOf(device.ifindex, queues, stats, leases),
  }))
}

/** Older kernels and drivers tell less. */
async function unlessRefused<T>(list: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await list
  } catch (error) {
    if (error instanceof KernelError) return []
    throw error
  }
}

function countsOf({ stats }: Device): Counts {
  const n = (value: bigint | number | undefined) => Number(value ?? 0)
  return {
    rxPackets: n(stats?.rxPackets),
    rxBytes: n(stats?.rxBytes),
    txPackets: n(stats?.txPackets),
    txBytes: n(stats?.txBytes),
    drops: n(stats?.rxDropped) + n(stats?.txDropped) + n(stats?.rxMissedErrors),
  }
}

function queuesOf(
  ifindex: number,
  queues: readonly Queue[],
  stats: readonly QueueStats[],
  leases: readonly Lease[],
): QueueSample[] {
  const own = queues.filter((q) => q.ifindex === ifindex)
  const counted = stats.filter((s) => s.ifindex === ifindex)
  const ids = new Set([...counted.map((s) => s.queueId), ...own.filter(isRemarkable).map((q) => q.id)])
  return [...ids]
    .sort((a, b) => a - b)
    .map((id) => {
      const rx = counted.find((s) => s.queueType === 'rx' && s.queueId === id)
      const tx = counted.find((s) => s.queueType === 'tx' && s.queueId === id)
      const queue = own.find((q) => q.type === 'rx' && q.id === id)
      return {
        id,
        rxPackets: rx?.rxPackets ?? 0,
        rxBytes: rx?.rxBytes ?? 0,
        txPackets: tx?.txPackets ?? 0,
        txBytes: tx?.txBytes ?? 0,
        drops: (rx?.rxHwDrops ?? 0) + (rx?.rxAllocFail ?? 0) + (tx?.txHwDrops ?? 0),
        consumer: queue ? consumerOf(queue) : '',
        lessee: lesseeText(leases.find(({ lessor }) => lessor.ifindex === ifindex && lessor.queue === id)),
      }
    })
}

/** Queues that nothing is counted of are shown if somebody reads them in his own way. */
const isRemarkable = (queue: Queue): boolean => consumerOf(queue) !== ''

function lesseeText(lease: Lease | undefined): string {
  if (!lease) return ''
  const { name, ifindex, queue, namespace } = lease.lessee
  const place = namespace.name ?? (namespace.netnsid === undefined ? undefined : `nsid ${namespace.netnsid}`)
  return `${name ?? `if${ifindex}`} rx ${queue}${place === undefined ? '' : ` in ${place}`}`
}
