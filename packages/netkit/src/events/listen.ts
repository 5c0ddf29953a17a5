import {
  ETHTOOL,
  type GenlFamily,
  KernelError,
  NETDEV,
  NETLINK_GENERIC,
  NETLINK_ROUTE,
  type NetlinkDoor,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_LINK,
  RTNLGRP_NSID,
} from '@netkit/netlink'
import type { Devices } from '../devices/devices.ts'
import { InputError } from '../input/input-error.ts'
import type { NamespaceTarget } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import type { Scope } from '../places/scope.ts'
import { EventStream, type Source } from './stream.ts'

/** What can be listened to: links, addresses, routes, ids of namespaces, devices as netdev sees them, page pools, ethtool settings. */
export type EventGroup = 'link' | 'address' | 'route' | 'nsid' | 'netdev' | 'page-pool' | 'ethtool'

export interface EventOptions {
  /** One namespace or several. Default: the one that the client itself lives in. Listening keeps a namespace from going. */
  readonly in?: NamespaceTarget | readonly NamespaceTarget[]
  /** Default: all that the kernel has but addresses and routes. A group that is asked for and that there is not is refused. */
  readonly groups?: readonly EventGroup[]
  /** Also from all namespaces that have an id in those of `in`. Needs CAP_NET_BROADCAST (EPERM). Default: false. */
  readonly allNsids?: boolean
  /**
   * Bytes that may wait unread in the kernel before events are lost. Default: 8 MiB, some 2000 events; Linux gives less
   * to who has no CAP_NET_ADMIN, as net.core.rmem_max says.
   */
  readonly receiveBuffer?: number
  /** Ends the stream. */
  readonly signal?: AbortSignal
}

const ROUTE_GROUPS: Readonly<Partial<Record<EventGroup, readonly number[]>>> = {
  link: [RTNLGRP_LINK],
  nsid: [RTNLGRP_NSID],
  address: [RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR],
  route: [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE],
}

const GENERIC_GROUPS: Readonly<Partial<Record<EventGroup, { readonly family: GenlFamily; readonly group: string }>>> = {
  netdev: { family: NETDEV, group: 'mgmt' },
  'page-pool': { family: NETDEV, group: 'page-pool' },
  ethtool: { family: ETHTOOL, group: 'monitor' },
}

const RECEIVE_BUFFER = 8 << 20

/** What is listened to where nobody says what. */
const USUAL: readonly EventGroup[] = ['link', 'nsid', 'netdev', 'page-pool', 'ethtool']
const ALL: readonly EventGroup[] = [...USUAL, 'address', 'route']

/** Starts to listen. When it resolves, nothing that happens from then on is missed. */
export async function listen(places: Places, devices: Devices, options: EventOptions): Promise<EventStream> {
  const { groups = USUAL, signal } = options
  for (const group of groups)
    if (!ALL.includes(group))
      throw new InputError('monitor', 'groups', `must be some of ${ALL.join(', ')}, not '${group}'`)
  signal?.throwIfAborted()
  const list = Array.isArray(options.in)
    ? (options.in as readonly NamespaceTarget[])
    : [options.in as NamespaceTarget | undefined]
  const sources: Source[] = []
  try {
    for (const namespace of list) {
      await places.with(namespace, async (scope) => {
        const routes = groups.flatMap((group) => ROUTE_GROUPS[group] ?? [])
        if (routes.length > 0) sources.push(await open(scope, NETLINK_ROUTE, routes, namespace, devices, options))
        const generics = await genericGroups(scope, groups, options.groups !== undefined)
        if (generics.length > 0) sources.push(await open(scope, NETLINK_GENERIC, generics, namespace, devices, options))
      })
    }
  } catch (e) {
    await Promise.all(sources.map(({ door }) => door.close()))
    throw e
  }
  return new EventStream(sources, signal)
}

/** The numbers of the groups. Families that the kernel does not have are left out, unless they were asked for. */
async function genericGroups(scope: Scope, groups: readonly EventGroup[], asked: boolean): Promise<number[]> {
  const numbers: number[] = []
  for (const name of groups) {
    const wanted = GENERIC_GROUPS[name]
    if (!wanted) continue
    try {
      const { groups: known } = await scope.context.families.resolve(wanted.family, scope.generic)
      const number = known.get(wanted.group)
      if (number !== undefined) numbers.push(number)
      else if (asked)
        throw new KernelError({ op: `monitor ${name}`, errno: 2 /* ENOENT */, extack: 'the family has no such group' })
    } catch (e) {
      if (asked || !(e instanceof KernelError && e.code === 'ENOENT')) throw e
    }
  }
  return numbers
}

async function open(
  scope: Scope,
  protocol: number,
  groups: readonly number[],
  namespace: NamespaceTarget | undefined,
  devices: Devices,
  { allNsids, receiveBuffer = RECEIVE_BUFFER }: EventOptions,
): Promise<Source> {
  const { doors, families } = scope.context
  const door: NetlinkDoor = await doors.netlink({
    protocol,
    namespace: scope.handle,
    listenAllNsid: allNsids,
    receiveBuffer,
  })
  try {
    for (const group of groups) await door.join(group)
  } catch (e) {
    await door.close()
    throw e
  }
  return { door, reader: { devices, families: families.byId, protocol, namespace } }
}
