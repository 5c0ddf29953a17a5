import {
  AF_INET,
  AF_INET6,
  errno,
  IFA_F_TENTATIVE,
  IFF_UP,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
  RTAX_MTU,
} from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { type Found, makeFound, Flow as Query } from '../../net/ip/flow.ts'
import { lookup } from '../../net/ip/lookup.ts'
import { addressType } from '../../net/ip/v4-scope.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { Route } from '../../net/route.ts'
import * as a from '../core/address.ts'
import type { StackClock } from '../core/clock.ts'
import { DST, type Flow, type Routing, SRC } from '../core/flow.ts'
import * as h from '../core/headers.ts'
import type { Groups } from './groups.ts'
import { sourceFor4 } from './source4.ts'
import { sourceFor6 } from './source6.ts'

// Engines fold constants of the own module, not imported ones.
const { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST } = h
const IFF_UP_BIT = IFF_UP
const LOOPBACK4 = 0x7f000001
const ALL_MTU = 65_535
/** Times of routes are hundredths of a second. */
const MS_PER_TICK = 10

/** What the stack asks, answered from the addresses, routes and rules of a namespace. */
export class StackRouting implements Routing {
  readonly groups: Groups
  readonly #clock: StackClock
  readonly #query = new Query()
  readonly #found: Found = makeFound()

  constructor(groups: Groups, clock: StackClock) {
    this.groups = groups
    this.#clock = clock
  }

  #ask(ns: NetNamespace, flow: Flow): number {
    const query = this.#query
    const { words, v6 } = flow
    query.family = v6 ? AF_INET6 : AF_INET
    if (v6) {
      a.copyWords(query.dst, 0, words, DST)
      a.copyWords(query.src, 0, words, SRC)
    } else {
      query.dst[0] = words[DST + 3]
      query.src[0] = words[SRC + 3]
    }
    query.oif = flow.oif
    query.iif = flow.iif
    query.mark = flow.mark
    query.tos = v6 ? 0 : flow.tos
    query.ipProto = flow.protocol
    query.scope = RT_SCOPE_UNIVERSE
    query.strictOif = v6 && flow.oif !== 0 && (a.isLinkLocal6(words, DST) || a.isMulticast6(words, DST))
    query.hash = hashOf(words)
    query.now = this.#clock.now / MS_PER_TICK
    return lookup(ns, query, this.#found)
  }

  /** Takes over what was found. */
  #take(flow: Flow): void {
    const route = this.#found.route as Route
    const { nexthop } = this.#found
    flow.type = route.type
    flow.dev = nexthop?.device
    const gateway = nexthop?.gateway
    if (gateway === undefined) a.copyWords(flow.hop, 0, flow.words, DST)
    else if (gateway.length === 1) a.setV4(flow.hop, 0, gateway[0])
    else a.copyWords(flow.hop, 0, gateway, 0)
    const mtu = route.metrics?.[RTAX_MTU] ?? 0
    flow.mtu = mtu !== 0 ? mtu : Math.min(flow.dev?.mtu ?? ALL_MTU, ALL_MTU)
  }

  input(ns: NetNamespace, flow: Flow): void {
    flow.error = this.#ask(ns, flow)
    flow.dev = undefined
    flow.type = 0
    if (flow.error === 0) this.#take(flow)
  }

  output(ns: NetNamespace, flow: Flow): void {
    flow.dev = undefined
    flow.type = 0
    a.copyWords(flow.source, 0, flow.words, SRC)
    flow.error = flow.v6 ? this.#output6(ns, flow) : this.#output4(ns, flow)
  }

  #output4(ns: NetNamespace, flow: Flow): number {
    const { words, source } = flow
    const from = words[SRC + 3]
    if (from !== 0 && addressType(ns, from) !== RTN_LOCAL) return -errno.EINVAL
    let dev: Device | undefined
    if (flow.oif !== 0) {
      dev = ns.devices.get(flow.oif)
      if (dev === undefined) return -errno.ENODEV
      if ((dev.flags & IFF_UP_BIT) === 0 || !dev.inet?.v4) return -errno.ENETUNREACH
    } else if (from !== 0 && (a.isMulticast4(words[DST + 3]) || words[DST + 3] === -1)) dev = ownerOf4(ns, from)
    if (words[DST + 3] === 0) {
      words[DST + 3] = from !== 0 ? from : LOOPBACK4
      if (from === 0) source[3] = LOOPBACK4
    }
    const to = words[DST + 3]
    if (dev !== undefined && (a.isMulticast4(to) || to === -1)) {
      onLink(flow, dev, to === -1 ? RTN_BROADCAST : RTN_MULTICAST)
      if (from === 0) source[3] = sourceFor4(dev, 0, RT_SCOPE_LINK)
      return 0
    }
    flow.iif = ns.loopback?.ifindex ?? 0
    const error = this.#ask(ns, flow)
    if (error !== 0) {
      if (dev === undefined) return error
      // Somebody who names the device knows better than the routes.
      onLink(flow, dev, RTN_UNICAST)
      if (from === 0) source[3] = sourceFor4(dev, 0, RT_SCOPE_LINK)
      return 0
    }
    this.#take(flow)
    if (flow.type === RTN_LOCAL) {
      if (from === 0) source[3] = this.#preferred() || to
      return toLoopback(flow, ns)
    }
    if (to === -1) flow.type = RTN_BROADCAST
    else if (a.isMulticast4(to)) flow.type = RTN_MULTICAST
    if (from === 0 && flow.dev !== undefined) {
      source[3] = this.#preferred() || sourceFor4(flow.dev, flow.hop[3], this.#scope())
    }
    return 0
  }

  /** The source address that the route asks for; 0: none. */
  #preferred(): number {
    return this.#found.route?.prefsrc?.[0] ?? 0
  }

  #scope(): number {
    return this.#found.route?.scope ?? RT_SCOPE_HOST
  }

  #output6(ns: NetNamespace, flow: Flow): number {
    const { words } = flow
    const anySource = a.isAny6(words, SRC)
    if (a.isAny6(words, DST)) words[DST + 3] = 1
    flow.iif = ns.loopback?.ifindex ?? 0
    const error = this.#ask(ns, flow)
    if (error !== 0) return error
    this.#take(flow)
    if (a.isMulticast6(words, DST)) flow.type = RTN_MULTICAST
    const out = flow.dev
    if (anySource && out !== undefined) {
      const preferred = this.#found.route?.prefsrc
      const source = preferred ?? sourceFor6(ns, out, words, DST)?.local
      // No address at all is what those have to take that look for one.
      if (source === undefined) return flow.type === RTN_MULTICAST ? 0 : -errno.EADDRNOTAVAIL
      a.copyWords(flow.source, 0, source, 0)
    }
    return flow.type === RTN_LOCAL ? toLoopback(flow, ns) : 0
  }

  typeOf(ns: NetNamespace, words: Int32Array, at: number, dev?: Device): number {
    if (a.isV4(words, at)) return addressType(ns, words[at + 3], dev)
    if (a.isMulticast6(words, at)) return RTN_MULTICAST
    if (dev !== undefined) return hasAddress6(dev, words, at) ? RTN_LOCAL : RTN_UNICAST
    for (const one of ns.sorted()) if (hasAddress6(one, words, at)) return RTN_LOCAL
    return RTN_UNICAST
  }

  hasGroup(dev: Device, words: Int32Array, at: number): boolean {
    return this.groups.has(dev, words, at)
  }

  addressOf(dev: Device, v6: boolean, target: Int32Array, at: number, into: Int32Array): boolean {
    if (v6) {
      const local = dev.inet?.v6Addresses.find(
        (one) => a.isLinkLocal6(one.local, 0) && (one.flags & IFA_F_TENTATIVE) === 0,
      )
      if (local === undefined) return false
      a.copyWords(into, 0, local.local, 0)
      return true
    }
    a.setV4(into, 0, sourceFor4(dev, target[at + 3], RT_SCOPE_LINK))
    return true
  }
}

function hasAddress6(dev: Device, words: Int32Array, at: number): boolean {
  const addresses = dev.inet?.v6Addresses
  if (addresses === undefined) return false
  for (const { flags, local } of addresses) {
    if ((flags & IFA_F_TENTATIVE) === 0 && a.sameWords(local, 0, words, at)) return true
  }
  return false
}

/** The device that has an address. */
function ownerOf4(ns: NetNamespace, address: number): Device | undefined {
  return ns.sorted().find((dev) => dev.inet?.v4Addresses.some((one) => one.local === address))
}

function onLink(flow: Flow, dev: Device, type: number): void {
  flow.type = type
  flow.dev = dev
  flow.mtu = Math.min(dev.mtu, ALL_MTU)
  a.copyWords(flow.hop, 0, flow.words, DST)
}

/** What is for ourselves goes round by the loopback. */
function toLoopback(flow: Flow, ns: NetNamespace): number {
  const { loopback } = ns
  if (loopback === undefined || (loopback.flags & IFF_UP_BIT) === 0) return -errno.ENETUNREACH
  onLink(flow, loopback, RTN_LOCAL)
  return 0
}

/** 31 bits that packets of the same pair of hosts have in common. */
function hashOf(words: Int32Array): number {
  let hash = 0
  for (let i = 0; i < 8; i++) hash = Math.imul(hash ^ words[i], 0x9e3779b1) ^ (hash >>> 15)
  return hash >>> 1
}
