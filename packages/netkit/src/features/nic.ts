import { KernelError, NETDEV } from '@netkit/netlink'
import type { Device } from '../devices/device.ts'
import type { Devices } from '../devices/devices.ts'
import type { Ethtool } from '../ethtool/ethtool.ts'
import type { Namespaces } from '../namespaces/namespaces.ts'
import type { Xdp } from '../netdev/xdp.ts'
import type { Namespace } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { answerOf, type FeatureAnswer, refusalOf } from './answer.ts'
import { inThrowawayNamespace } from './throwaway.ts'

/** What a NIC may be able to do. */
export type NicFeatureName = 'queueManagement' | 'memoryProviders' | 'headerSplit' | 'ntuple' | 'xdpZeroCopy'

/** What the probes of NICs use. */
export interface NicProbeContext {
  readonly places: Places
  readonly devices: Devices
  readonly namespaces: Namespaces
  readonly ethtool: Ethtool
  readonly xdp: Xdp
}

/** A NIC, and the open namespace that it lives in. */
interface Nic {
  readonly device: Device
  readonly namespace: Namespace
}

interface NicProbe {
  readonly doc: string
  readonly ask: (context: NicProbeContext, nic: Nic) => Promise<boolean>
}

/** No device has so many queues, and no process so many files. */
const NO_QUEUE = 0xffff_ffff
const NO_FD = 0x7fff_ffff
const { queueCreate, bindRx } = NETDEV.commands

/**
 * Asks to lease a queue that does not exist, for a single device in a namespace that nobody else sees. A NIC whose queues
 * can be handed over is refused over the number, any other one before. Source: spec 01 §4.4, rows 15 to 19.
 */
async function canLease(
  { places, devices, namespaces }: NicProbeContext,
  { device, namespace }: Nic,
): Promise<boolean> {
  const op = `probe queue management of ${device.name}`
  return await inThrowawayNamespace(places, async (hidden) => {
    const lessee = await devices.add({ kind: 'netkit', data: { pairing: 'single' }, numRxQueues: 2, in: hidden })
    const netnsId = await namespaces.ensureId(namespace, { in: hidden })
    const lease = { ifindex: device.ifindex, netnsId, queue: { id: NO_QUEUE, type: 'rx' } }
    const asked = { ifindex: lessee.ifindex, type: 'rx', lease }
    const e = await refusalOf(op, () => hidden.scope.call(NETDEV, queueCreate, asked, { op }))
    if (e.code === 'ERANGE') return true
    if (e.code === 'EINVAL') return false
    throw e
  })
}

/**
 * Asks to bind memory that does not exist to queue 0. Source: spec 01 §4.8, rows 4 to 9. Kernels that look for the memory
 * first say the same of every NIC, but these have no leases to ask for either.
 */
async function takesMemory(context: NicProbeContext, nic: Nic): Promise<boolean> {
  const { device, namespace } = nic
  const op = `probe memory providers of ${device.name}`
  const asked = { ifindex: device.ifindex, queues: [{ id: 0, type: 'rx' }], fd: NO_FD }
  const e = await refusalOf(op, () => namespace.scope.call(NETDEV, bindRx, asked, { op }))
  if (e.code === 'EOPNOTSUPP' || e.code === 'EBUSY') return e.code === 'EBUSY'
  if (e.code === 'EBADF') return await canLease(context, nic)
  throw e
}

/** A driver that knows of header split tells how it is set. */
async function splitsHeaders({ ethtool }: NicProbeContext, { device, namespace }: Nic): Promise<boolean> {
  const rings = await orNot(ethtool.rings.get(device.ifindex, { in: namespace }))
  return rings?.tcpDataSplit !== undefined
}

async function steers({ ethtool }: NicProbeContext, { device, namespace }: Nic): Promise<boolean> {
  const offloads = await orNot(ethtool.offloads.list(device.ifindex, { in: namespace }))
  return offloads?.some((o) => o.name === 'rx-ntuple-filter' && (o.active || o.changeable)) ?? false
}

async function receivesInPlace({ xdp }: NicProbeContext, { device, namespace }: Nic): Promise<boolean> {
  const { xdpFeatures } = await xdp.get(device.ifindex, { in: namespace })
  return xdpFeatures?.includes('xsk-zerocopy') ?? false
}

/** EOPNOTSUPP is an answer: the device has none of it. */
async function orNot<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (e) {
    if (e instanceof KernelError && e.code === 'EOPNOTSUPP') return undefined
    throw e
  }
}

/** How each feature of a NIC is asked for. */
export const NIC_PROBES: Readonly<Record<NicFeatureName, NicProbe>> = {
  queueManagement: { doc: 'Its receive queues can be leased.', ask: canLease },
  memoryProviders: { doc: 'Its receive queues take memory of applications: io_uring and devmem.', ask: takesMemory },
  headerSplit: { doc: 'It can put headers and payload of a packet into different buffers.', ask: splitsHeaders },
  ntuple: { doc: 'It can be told by rules which packets go to which queue.', ask: steers },
  xdpZeroCopy: { doc: 'AF_XDP sockets can use its buffers.', ask: receivesInPlace },
}

/** Asks for everything that a NIC may be able to do. */
export async function askNic(
  context: NicProbeContext,
  nic: Nic,
): Promise<Readonly<Record<NicFeatureName, FeatureAnswer>>> {
  const answers: Partial<Record<NicFeatureName, FeatureAnswer>> = {}
  for (const name of Object.keys(NIC_PROBES) as NicFeatureName[])
    answers[name] = await answerOf(() => NIC_PROBES[name].ask(context, nic))
  return answers as Record<NicFeatureName, FeatureAnswer>
}
