import {
  ARPHRD_ETHER,
  IF_OPER_UNKNOWN,
  IF_OPER_UP,
  IFA_F_NOPREFIXROUTE,
  IFA_F_PERMANENT,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TENTATIVE,
  IFAPROT_KERNEL_LL,
  IFAPROT_KERNEL_LO,
  IFF_LOOPBACK,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RTN_LOCAL,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
} from '@netkit/netlink'
import type { Words } from '../../prefix/words.ts'
import type { Core } from '../core.ts'
import type { Device } from '../device.ts'
import { FOREVER, type V6Address } from '../ip-address.ts'
import type { Nexthop, Route, RouteTable } from '../route.ts'
import { ticks } from './clock.ts'
import { dropRoute, listRoutes, listTables } from './tables.ts'
import { forgetNeighbours } from './v4-flush.ts'
import { addGroupRoute, addNetworkRoute, completeDad, kickDad, listV6, startDad, tellGone } from './v6-addresses.ts'

const LOOPBACK: Words = Int32Array.of(0, 0, 0, 1)
const LINK_LOCAL = 0xfe80_0000 | 0

/** How a device finds its link-local address: IN6_ADDR_GEN_MODE_*. */
const GEN_EUI64 = 0
const GEN_NONE = 1

/** IPv6 takes a link for usable that is up and running. */
const isReady = (dev: Device): boolean =>
  dev.up && (dev.operstate === IF_OPER_UP || dev.operstate === IF_OPER_UNKNOWN) && dev.qdisc !== 'noop'

function makeAddress(kernel: Core, local: Words, rest: Partial<V6Address>): V6Address {
  const now = ticks(kernel)
  return {
    local,
    peer: undefined,
    prefixLength: 64,
    flags: IFA_F_PERMANENT | IFA_F_TENTATIVE,
    scope: RT_SCOPE_LINK,
    metric: 0,
    proto: IFAPROT_KERNEL_LL,
    valid: FOREVER,
    preferred: FOREVER,
    created: now,
    updated: now,
    dadAt: 0,
    dadProbes: 0,
    ...rest,
  }
}

/** The last 64 bits of addresses that are made from an Ethernet address. */
function eui64({ address }: Device): [number, number] {
  const [a, b, c, d, e, f] = address
  return [((a ^ 2) << 24) | (b << 16) | (c << 8) | 0xff, (0xfe << 24) | (d << 16) | (e << 8) | f]
}

/** A device that is ready gets its link-local address, if it is to have one and has none. */
function addLinkLocal(kernel: Core, dev: Device): void {
  const { inet } = dev
  if (!inet || inet.addrGenMode === GEN_NONE) return
  const made = inet.addrGenMode !== GEN_EUI64
  const [high, low] = made ? [kernel.world.random() | 0, kernel.world.random() | 0] : eui64(dev)
  const local = Int32Array.of(LINK_LOCAL, 0, high, low)
  if (inet.v6Addresses.some((a) => a.local.every((word, i) => word === local[i]))) return
  const flags = IFA_F_PERMANENT | IFA_F_TENTATIVE | (made ? IFA_F_STABLE_PRIVACY : 0)
  const a = makeAddress(kernel, local, { flags })
  listV6(dev, a)
  addNetworkRoute(kernel, dev, a)
  startDad(kernel, dev, a)
}

/** ::1, which a loopback gets when it comes up. */
function addLoopback(kernel: Core, dev: Device): void {
  if (dev.inet?.v6Addresses.some((a) => a.scope === RT_SCOPE_HOST)) return
  const a = makeAddress(kernel, LOOPBACK, {
    prefixLength: 128,
    scope: RT_SCOPE_HOST,
    flags: IFA_F_PERMANENT,
    proto: IFAPROT_KERNEL_LO,
  })
  listV6(dev, a)
  completeDad(kernel, dev, a)
}

function configure(kernel: Core, dev: Device): void {
  if ((dev.flags & IFF_LOOPBACK) !== 0) addLoopback(kernel, dev)
  else if (dev.type === ARPHRD_ETHER) {
    addGroupRoute(kernel, dev)
    addLinkLocal(kernel, dev)
  }
}

/** The device can be used: what it is to have is configured, and what waited for it goes on. */
function becomeReady(kernel: Core, dev: Device): void {
  const { inet } = dev
  if (!inet) return
  inet.v6Ready = true
  const waiting = inet.v6Addresses.filter((a) => (a.flags & IFA_F_TENTATIVE) !== 0 && a.dadAt === 0)
  configure(kernel, dev)
  for (const a of waiting) kickDad(kernel, a)
  kernel.ip.watch(dev)
  markRoutes(kernel, dev, RTNH_F_DEAD | (dev.carrier ? RTNH_F_LINKDOWN : 0), false)
}

export function v6Up(kernel: Core, dev: Device): void {
  if (!dev.inet?.v6) return
  for (const a of [...dev.inet.v6Addresses]) {
    const lasting = IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE
    if ((a.flags & lasting) === IFA_F_PERMANENT) addNetworkRoute(kernel, dev, a)
  }
  if (isReady(dev)) becomeReady(kernel, dev)
}

/** The state of the link was looked at again. */
export function v6Change(kernel: Core, dev: Device): void {
  if (!dev.inet?.v6 || !dev.up) return
  if (!isReady(dev)) markRoutes(kernel, dev, RTNH_F_LINKDOWN, true)
  else if (dev.inet.v6Ready) markRoutes(kernel, dev, RTNH_F_LINKDOWN, false)
  else becomeReady(kernel, dev)
}

/** Sets or clears flags of the nexthops that lead out of a device. Routes to ourselves do not mind the carrier. */
function markRoutes(kernel: Core, dev: Device, flags: number, set: boolean): void {
  for (const table of dev.ns.ip.v6.tables.values()) {
    for (const routes of table.prefixes.values()) {
      for (const route of routes) {
        if (set && route.type === RTN_LOCAL) continue
        for (const nexthop of route.nexthops) if (nexthop.device === dev) mark(kernel, nexthop, flags, set)
      }
    }
  }
}

function mark(kernel: Core, nexthop: Nexthop, flags: number, set: boolean): void {
  const now = set ? nexthop.flags | flags : nexthop.flags & ~flags
  if (now === nexthop.flags) return
  nexthop.flags = now
  kernel.changes++
}

/** Routes out of a device that goes down go with it; of several ways, only when none is left. */
function removeRoutes(kernel: Core, dev: Device, gone: boolean): void {
  for (const table of listTables(dev.ns.ip.v6)) {
    for (const route of listRoutes(table)) {
      const { nexthops } = route
      if (!nexthops.some((one) => one.device === dev)) continue
      const left = nexthops.filter((one) => one.device !== dev && (one.flags & RTNH_F_DEAD) === 0)
      if (left.length === 0) removeWaysOneByOne(kernel, dev, table, route)
      else if (gone) removeWays(kernel, dev, route, left)
      else for (const one of nexthops) if (one.device === dev) one.flags |= RTNH_F_DEAD | RTNH_F_LINKDOWN
    }
  }
}

function removeWaysOneByOne(kernel: Core, dev: Device, table: RouteTable, route: Route): void {
  dropRoute(table, route)
  kernel.changes++
  for (const one of route.nexthops) {
    kernel.announce.route(dev.ns, { ...route, nexthops: [one] }, 'gone', { flags: 0 })
  }
}

function removeWays(kernel: Core, dev: Device, route: Route, left: readonly Nexthop[]): void {
  const lost = route.nexthops.filter((one) => one.device === dev)
  route.nexthops.splice(0, route.nexthops.length, ...left)
  for (const one of lost) kernel.announce.route(dev.ns, { ...route, nexthops: [one] }, 'gone', { flags: 0 })
}

/** The device goes down or away: routes and addresses go, each told. */
export function v6Down(kernel: Core, dev: Device, gone: boolean): void {
  const { inet } = dev
  if (!inet) return
  removeRoutes(kernel, dev, gone)
  forgetNeighbours(kernel, dev, true)
  inet.v6Ready = false
  const addresses = inet.v6Addresses.splice(0)
  for (const a of addresses) {
    a.dadAt = 0
    kernel.changes++
    tellGone(kernel, dev, a)
  }
}
