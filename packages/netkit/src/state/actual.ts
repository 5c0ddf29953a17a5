import type { AttrsOf, CHANNELS, NicInfo, RINGS } from '@netkit/netlink'
import type { Device } from '../devices/device.ts'
import type { Devices } from '../devices/devices.ts'
import type { Ethtool } from '../ethtool/ethtool.ts'
import type { Features } from '../features/features.ts'
import type { Lease, LeaseEnd } from '../leases/lease.ts'
import type { Leases } from '../leases/leases.ts'
import type { Namespaces } from '../namespaces/namespaces.ts'
import type { Nics } from '../nics.ts'
import type { Namespace } from '../places/namespace.ts'
import { orNothing } from '../request/or-nothing.ts'
import { type FoundImpairments, nicNumber } from './impairments.ts'
import type { DeviceIp } from './ip/device.ts'
import { type FoundIp, findIp, type IpContext } from './ip/found.ts'
import { type Mark, markIn, namespaceOwner } from './owner.ts'

/** The parts of a connection that declared state needs. */
export interface StateContext extends IpContext {
  readonly devices: Devices
  readonly namespaces: Namespaces
  readonly leases: Leases
  readonly nics: Nics
  readonly ethtool: Ethtool
  readonly features: Features
}

/** A namespace that can be reached: the client's own, without a name, or one with a name. */
export interface Place {
  readonly netns: string | undefined
  /** All names that it has. */
  readonly names: readonly string[]
  readonly lo: Device | undefined
  /** The set that made it. */
  readonly owner: string | undefined
  readonly ip: FoundIp
}

/** A device that is there. */
export interface Found {
  readonly device: Device
  readonly netns: string | undefined
  readonly mark: Mark | undefined
  /** It is hardware: it stands on a bus. */
  readonly isNic: boolean
  readonly channels: AttrsOf<typeof CHANNELS> | undefined
  readonly rings: AttrsOf<typeof RINGS> | undefined
  /** Absent where wires cannot be impaired. */
  readonly impairments: FoundImpairments | undefined
  readonly ip: DeviceIp
}

export interface FoundLease {
  readonly nic: Found
  readonly queue: number
  /** Absent: it is in a namespace without a name. */
  readonly lessee: Found | undefined
  readonly as: number
}

/** What the kernel says there is. */
export interface Actual {
  readonly places: readonly Place[]
  readonly devices: readonly Found[]
  readonly leases: readonly FoundLease[]
  /** What was plugged in; absent where hardware cannot be. */
  readonly nics: readonly NicInfo[] | undefined
  /** The other end of a pair, as far as it can be reached. */
  readonly peers: ReadonlyMap<Found, Found>
}

/** Asks the kernel for everything: the client's own namespace and all named ones. */
export async function readActual(context: StateContext, signal: AbortSignal | undefined): Promise<Actual> {
  const opened = await openAll(context.namespaces)
  try {
    const places: Place[] = []
    const devices: Found[] = []
    for (const { namespace, netns, names } of opened) {
      const list = await context.devices.list({ in: namespace, signal })
      const lo = list.find((device) => device.type === LOOPBACK)
      const ip = await findIp(context, namespace, signal)
      places.push({ netns, names, lo, owner: lo && namespaceOwner(lo.altnames), ip })
      for (const device of list)
        if (device !== lo) devices.push(await found(context, device, netns, namespace, ip, signal))
    }
    const listed = await orNothing(context.leases.listAll({ signal }), ...UNKNOWN)
    const leases = (listed ?? []).flatMap((lease) => foundLease(devices, lease))
    const peers = await findPeers(context, opened, devices, signal)
    return { places, devices, leases, nics: await pluggedIn(context.nics), peers }
  } finally {
    for (const { namespace } of opened) await namespace.close()
  }
}

/** A device that has no such settings, or is gone by now. */
const UNSAID = ['EOPNOTSUPP', 'ENODEV'] as const
/** Kernels that know of no queues: there is no such command, or no such family. */
const UNKNOWN = ['EOPNOTSUPP', 'ENOENT'] as const
/** ARPHRD_LOOPBACK */
const LOOPBACK = 772

interface Opened {
  readonly namespace: Namespace
  readonly netns: string | undefined
  readonly names: string[]
}

/** Each namespace once, whatever names it has. */
async function openAll(namespaces: Namespaces): Promise<Opened[]> {
  const all: Opened[] = [{ namespace: await namespaces.current(), netns: undefined, names: [] }]
  for (const name of [...(await namespaces.list())].sort()) {
    const namespace = await orNothing(namespaces.open(name), 'ENOENT')
    if (!namespace) continue
    const known = all.find((one) => one.namespace.inode === namespace.inode)
    if (!known) all.push({ namespace, netns: name, names: [name] })
    else {
      known.names.push(name)
      await namespace.close()
    }
  }
  return all
}

/** What IP knows of one device. */
export const ipOf = ({ addresses, neighbours }: FoundIp, ifindex: number): DeviceIp => ({
  addresses: addresses.filter((one) => one.ifindex === ifindex),
  neighbours: neighbours.filter((one) => one.ifindex === ifindex),
})

async function found(
  { ethtool, nics }: StateContext,
  device: Device,
  netns: string | undefined,
  namespace: Namespace,
  ip: FoundIp,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const isNic = device.attrs.parentDevName !== undefined
  const where = { in: namespace, signal }
  return {
    device,
    netns,
    mark: markIn(device.altnames),
    isNic,
    channels: isNic ? await orNothing(ethtool.channels.get(device.ifindex, where), ...UNSAID) : undefined,
    rings: isNic ? await orNothing(ethtool.rings.get(device.ifindex, where), ...UNSAID) : undefined,
    impairments: await impairmentsOf(nics, device),
    ip: ipOf(ip, device.ifindex),
  }
}

async function impairmentsOf(nics: Nics, device: Device): Promise<FoundImpairments | undefined> {
  const id = nicNumber(device)
  const infos = id === undefined ? undefined : await orNothing(nics.impairments(id), ...UNKNOWN)
  return infos && { rx: infos.rx?.options, tx: infos.tx?.options }
}

function foundLease(devices: readonly Found[], { lessor, lessee }: Lease): FoundLease[] {
  const nic = atEnd(devices, lessor)
  return nic ? [{ nic, queue: lessor.queue, lessee: atEnd(devices, lessee), as: lessee.queue }] : []
}

function atEnd(devices: readonly Found[], { ifindex, namespace }: LeaseEnd): Found | undefined {
  if (!namespace.current && namespace.name === undefined) return undefined
  const netns = namespace.current ? undefined : namespace.name
  return devices.find((one) => one.netns === netns && one.device.ifindex === ifindex)
}

/** Finds the peers of all netkit pairs whose primary can be reached. Only primaries ask, so that each pair is asked for once. */
async function findPeers(
  { namespaces }: StateContext,
  opened: readonly Opened[],
  devices: readonly Found[],
  signal: AbortSignal | undefined,
): Promise<Map<Found, Found>> {
  const peers = new Map<Found, Found>()
  const join = (one: Found, other: Found | undefined) => {
    if (other) peers.set(one, other).set(other, one)
  }
  for (const { namespace, netns } of opened) {
    const primaries = devices.filter((d) => d.netns === netns && d.device.netkit?.primary === 1 && d.device.peer)
    const ids = new Map<number, string | undefined>()
    const apart = primaries.some((one) => one.device.peer?.netnsid !== undefined)
    for (const other of apart ? opened : []) {
      const id = await namespaces.id(other.namespace, { in: namespace, signal })
      if (id !== undefined) ids.set(id, other.netns)
    }
    for (const one of primaries) {
      const { ifindex, netnsid } = one.device.peer!
      if (netnsid !== undefined && !ids.has(netnsid)) continue
      const there = netnsid === undefined ? netns : ids.get(netnsid)
      join(
        one,
        devices.find((d) => d.netns === there && d.device.ifindex === ifindex),
      )
    }
  }
  return peers
}

const pluggedIn = (nics: Nics): Promise<readonly NicInfo[] | undefined> => orNothing(nics.list(), 'EOPNOTSUPP')
