import {
  AF_INET,
  IFA_F_NOPREFIXROUTE,
  IFA_F_SECONDARY,
  IFF_LOOPBACK,
  NLM_F_APPEND,
  NLM_F_CREATE,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_UNICAST,
  RTPROT_KERNEL,
} from '@netkit/netlink'
import { leading } from '../../prefix/words.ts'
import type { Core } from '../core.ts'
import type { Device } from '../device.ts'
import type { V4Address } from '../ip-address.ts'
import type { RouteWish } from '../route-wish.ts'
import { tableOf } from './tables.ts'
import { flushBySource } from './v4-flush.ts'
import { addV4Route, deleteV4Route } from './v4-routes.ts'
import { addressType, isLimitedBroadcast, isZeronet } from './v4-scope.ts'

const word = (n: number): Int32Array => Int32Array.of(n)

/** A route that comes or goes with an address. */
function routeOf(
  dev: Device,
  type: number,
  dst: number,
  dstLength: number,
  source: V4Address,
  priority = 0,
): RouteWish {
  return {
    family: AF_INET,
    table: type === RTN_UNICAST ? RT_TABLE_MAIN : RT_TABLE_LOCAL,
    dst: word(dst),
    dstLength,
    tos: 0,
    type,
    scope: type === RTN_LOCAL ? RT_SCOPE_HOST : RT_SCOPE_LINK,
    protocol: RTPROT_KERNEL,
    priority,
    prefsrc: word(source.local),
    flags: 0,
    only: { oif: dev.ifindex, gateway: undefined, weight: 1, flags: 0 },
    nlFlags: NLM_F_CREATE | NLM_F_APPEND,
  }
}

const add = (kernel: Core, dev: Device, ...what: [number, number, number, V4Address, number?]): void =>
  void addV4Route(kernel, dev.ns, routeOf(dev, ...what))

const remove = (kernel: Core, dev: Device, ...what: [number, number, number, V4Address, number?]): void => {
  const wish = routeOf(dev, ...what)
  deleteV4Route(kernel, dev.ns, tableOf(dev.ns.ip.v4, wish.table), wish)
}

const networkOf = (a: V4Address): number => a.address & leading(a.prefixLength)
const broadcastOf = (a: V4Address): number => a.address | ~leading(a.prefixLength)

export const sameNetwork = (one: V4Address, a: V4Address): boolean =>
  one.prefixLength === a.prefixLength && ((one.address ^ a.address) & leading(a.prefixLength)) === 0

/** The first of a device's addresses in the network of another one: it is what secondaries are sent from. */
export const primaryOf = (list: readonly V4Address[], a: V4Address): V4Address | undefined =>
  list.find((one) => (one.flags & IFA_F_SECONDARY) === 0 && sameNetwork(one, a))

/** An address has a network of its own: it is neither a secondary nor alone in it. */
const hasNetwork = (a: V4Address): boolean =>
  !isZeronet(networkOf(a)) && (networkOf(a) !== a.local || a.prefixLength < 32)

/** The type of the route to the network: on a loopback all of it is here. */
const networkType = (dev: Device): number => ((dev.flags & IFF_LOOPBACK) !== 0 ? RTN_LOCAL : RTN_UNICAST)

/** The routes that an address brings along: to itself, to its network, to the broadcast addresses. */
export function addAddressRoutes(kernel: Core, dev: Device, a: V4Address): void {
  const list = dev.inet?.v4Addresses ?? []
  const source = (a.flags & IFA_F_SECONDARY) === 0 ? a : primaryOf(list, a)
  if (source === undefined) return
  add(kernel, dev, RTN_LOCAL, a.local, 32, source)
  if (!dev.up) return
  if (a.broadcast !== 0 && !isLimitedBroadcast(a.broadcast)) add(kernel, dev, RTN_BROADCAST, a.broadcast, 32, source)
  if ((a.flags & IFA_F_SECONDARY) !== 0 || !hasNetwork(a)) return
  if ((a.flags & IFA_F_NOPREFIXROUTE) === 0) {
    add(kernel, dev, networkType(dev), networkOf(a), a.prefixLength, source, a.metric)
  }
  if (a.prefixLength < 31) add(kernel, dev, RTN_BROADCAST, broadcastOf(a), 32, source)
}

/** Which of an address' routes other addresses of the device still need. */
function stillNeeded(list: readonly V4Address[], a: V4Address, primary: V4Address) {
  const needs = { local: false, given: false, computed: false }
  for (const other of list) {
    if (other === a) continue
    if (other.local === a.local) needs.local = true
    const theirs = [other.broadcast]
    if (other === primary && other.prefixLength < 31 && !isZeronet(networkOf(other))) {
      theirs.push(broadcastOf(other), networkOf(other))
    }
    if (theirs.includes(a.broadcast)) needs.given = true
    if (theirs.includes(broadcastOf(a))) needs.computed = true
  }
  return needs
}

/**
 * Takes away the routes of an address that was taken off its device's list, but for those that others need. `instead`: the
 * primary that it was a secondary of, where the list does not say so any more. `leaving`: the device forgets IPv4.
 */
export function removeAddressRoutes(
  kernel: Core,
  dev: Device,
  a: V4Address,
  instead?: V4Address,
  leaving = false,
): void {
  const list = dev.inet?.v4Addresses ?? []
  let primary = instead ?? a
  let network = false
  if ((a.flags & IFA_F_SECONDARY) !== 0) {
    const found = instead ?? primaryOf(list, a)
    if (found === undefined) return
    primary = found
  } else if (hasNetwork(a)) {
    if ((a.flags & IFA_F_NOPREFIXROUTE) === 0) {
      remove(kernel, dev, networkType(dev), networkOf(a), a.prefixLength, primary, a.metric)
    }
    network = true
  }
  const needs = leaving ? { local: false, given: false, computed: false } : stillNeeded(list, a, primary)
  if (!needs.given) remove(kernel, dev, RTN_BROADCAST, a.broadcast, 32, primary)
  if (network && a.prefixLength < 31 && !needs.computed) remove(kernel, dev, RTN_BROADCAST, broadcastOf(a), 32, primary)
  if (needs.local) return
  remove(kernel, dev, RTN_LOCAL, a.local, 32, primary)
  if (addressType(dev.ns, a.local) !== RTN_LOCAL) flushBySource(kernel, dev.ns, a.local)
}

/** The route to an address' network gets another metric: the new one comes before the old one goes. */
export function changeNetworkMetric(kernel: Core, dev: Device, a: V4Address, metric: number): void {
  const old = a.metric
  a.metric = metric
  if ((a.flags & (IFA_F_SECONDARY | IFA_F_NOPREFIXROUTE)) !== 0 || !dev.up) return
  if (isZeronet(networkOf(a)) || a.prefixLength === 32) return
  add(kernel, dev, networkType(dev), networkOf(a), a.prefixLength, a, metric)
  remove(kernel, dev, networkType(dev), networkOf(a), a.prefixLength, a, old)
}
