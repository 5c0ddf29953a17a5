import {
  AF_INET,
  errno,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_TABLE_MAIN,
  RTN_LOCAL,
  RTN_UNICAST,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
  RTNH_F_PERVASIVE,
} from '@netkit/netlink'
import type { Device } from '../device.ts'
import type { NetNamespace } from '../namespace.ts'
import type { Nexthop } from '../route.ts'
import type { NexthopWish, RouteWish } from '../route-wish.ts'
import { Flow, sharedFound } from './flow.ts'
import { inTable, lookup } from './lookup.ts'
import { refuse } from './refuse.ts'
import { addressType } from './v4-scope.ts'
import { checkV6Device, v6GatewayDevice } from './v6-gateway.ts'

const flow = new Flow()
const found = sharedFound()

const nexthopOf = (wish: NexthopWish, device: Device, scope: number): Nexthop => ({
  device,
  gateway: wish.gateway,
  weight: wish.weight,
  realm: wish.realm,
  flags: wish.flags | (device.carrier ? 0 : RTNH_F_LINKDOWN),
  scope,
})

/** Finds out how a nexthop is reached; a negative errno where it is not. Source: what Linux 7.3 answers. */
export function resolveNexthop(ns: NetNamespace, route: RouteWish, wish: NexthopWish): Nexthop | number {
  if (wish.gateway === undefined) return direct(ns, route, wish)
  if (wish.gateway.length !== 1) {
    const dev = v6GatewayDevice(ns, route, wish)
    if (typeof dev === 'number') return dev
    // Whether the link has a carrier is not looked at here.
    return checkV6Device(route.req, dev) || { ...nexthopOf(wish, dev, RT_SCOPE_LINK), flags: wish.flags }
  }
  return (wish.flags & RTNH_F_ONLINK) !== 0
    ? onLink(ns, route, wish, wish.gateway[0])
    : through(ns, route, wish, wish.gateway[0])
}

function direct(ns: NetNamespace, { req }: RouteWish, wish: NexthopWish): Nexthop | number {
  if ((wish.flags & (RTNH_F_PERVASIVE | RTNH_F_ONLINK)) !== 0) {
    return refuse(req, errno.EINVAL, 'Invalid flags for nexthop - PERVASIVE and ONLINK can not be set')
  }
  const dev = ns.devices.get(wish.oif)
  if (!dev?.inet?.v4) return -errno.ENODEV
  if (!dev.up) return refuse(req, errno.ENETDOWN, 'Device for nexthop is not up')
  return nexthopOf(wish, dev, RT_SCOPE_HOST)
}

function onLink(ns: NetNamespace, { req, scope }: RouteWish, wish: NexthopWish, gateway: number): Nexthop | number {
  if (scope >= RT_SCOPE_LINK) return refuse(req, errno.EINVAL, 'Nexthop has invalid scope')
  const dev = ns.devices.get(wish.oif)
  if (!dev) return refuse(req, errno.ENODEV, 'Nexthop device required for onlink')
  if (!dev.up) return refuse(req, errno.ENETDOWN, 'Nexthop device is not up')
  if (addressType(ns, gateway) !== RTN_UNICAST) return refuse(req, errno.EINVAL, 'Nexthop has invalid gateway')
  return nexthopOf(wish, dev, RT_SCOPE_LINK)
}

function through(ns: NetNamespace, route: RouteWish, wish: NexthopWish, gateway: number): Nexthop | number {
  const { req, table } = route
  flow.reset(AF_INET).dst[0] = gateway
  flow.scope = Math.max(route.scope + 1, RT_SCOPE_LINK)
  flow.oif = wish.oif
  flow.iif = ns.loopback?.ifindex ?? 1
  const own = table !== 0 && table !== RT_TABLE_MAIN ? ns.ip.v4.tables.get(table) : undefined
  let result = own === undefined ? 1 : inTable(own, flow, found)
  if (result !== 0) result = lookup(ns, flow, found)
  if (result !== 0) return refuse(req, -result, 'Nexthop has invalid gateway')
  const type = found.route?.type
  if (type !== RTN_UNICAST && type !== RTN_LOCAL) return refuse(req, errno.EINVAL, 'Nexthop has invalid gateway')
  const dev = found.nexthop?.device
  if (!dev) return refuse(req, errno.EINVAL, 'No egress device for nexthop gateway')
  if (!dev.up) return -errno.ENETDOWN
  return nexthopOf(wish, dev, found.route?.scope ?? RT_SCOPE_LINK)
}
