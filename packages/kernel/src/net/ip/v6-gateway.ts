import { AF_INET6, errno, IFF_LOOPBACK, RTN_UNICAST, RTNH_F_ONLINK } from '@netkit/netlink'
import { isZero, type Words } from '../../prefix/words.ts'
import type { Device } from '../device.ts'
import type { NetNamespace } from '../namespace.ts'
import type { NexthopWish, RouteWish } from '../route-wish.ts'
import { ticks } from './clock.ts'
import { Flow, sharedFound } from './flow.ts'
import { inTable, lookup } from './lookup.ts'
import { refuse } from './refuse.ts'
import { leadsNowhere } from './v6-reject.ts'
import { hasAddress6, isLinkLocal, isMapped, isUnicast6 } from './v6-scope.ts'

const flow = new Flow()
const found = sharedFound()

/** The device that leads to a gateway; a negative errno where there is none. Source: what Linux 7.3 answers. */
export function v6GatewayDevice(ns: NetNamespace, route: RouteWish, wish: NexthopWish): Device | number {
  const { req } = route
  const gateway = wish.gateway as Words
  const given = wish.oif === 0 ? undefined : ns.devices.get(wish.oif)
  if (wish.oif !== 0 && !given?.inet?.v6) return -errno.ENODEV
  if ((wish.flags & RTNH_F_ONLINK) !== 0) {
    if (!given) return refuse(req, errno.ENODEV, 'Nexthop device required for onlink')
    if (!given.up) return refuse(req, errno.ENETDOWN, 'Nexthop device is not up')
  }
  const isOurs = (dev: Device): boolean => hasAddress6(ns, gateway, isLinkLocal(gateway) ? dev : undefined, true)
  if (given && isOurs(given)) return refuse(req, errno.EINVAL, 'Gateway can not be a local address')
  let dev = given
  if (!isLinkLocal(gateway)) {
    if (!isUnicast6(gateway) && !isMapped(gateway)) return refuse(req, errno.EINVAL, 'Invalid gateway address')
    const by =
      (wish.flags & RTNH_F_ONLINK) !== 0 ? checkOnLink(ns, route, gateway, given as Device) : find(ns, route, wish)
    if (typeof by === 'number') return by
    dev = by
  }
  if (!dev) return refuse(req, errno.EINVAL, 'Egress device not specified')
  if ((dev.flags & IFF_LOOPBACK) !== 0) {
    return refuse(req, errno.EINVAL, 'Egress device can not be loopback device for this route')
  }
  if (!given && isOurs(dev)) return refuse(req, errno.EINVAL, 'Gateway can not be a local address')
  return dev
}

/** IPv6 must be on a nexthop's device, and the device up. Returns 0 or a negative errno. */
export function checkV6Device(req: RouteWish['req'], dev: Device): number {
  if (!dev.inet?.v6) return refuse(req, errno.EACCES, 'IPv6 is disabled on nexthop device')
  return dev.up ? 0 : refuse(req, errno.ENETDOWN, 'Nexthop device is not up')
}

/** On the link by the user's word: the gateway must not be known to be elsewhere or nowhere. */
function checkOnLink(ns: NetNamespace, { req }: RouteWish, gateway: Words, dev: Device): Device | number {
  const table = ns.ip.v6.main
  flow.reset(AF_INET6).dst.set(gateway)
  flow.now = req ? ticks(req.socket.kernel) : 0
  flow.oif = dev.ifindex
  if (inTable(table, flow, found) !== 0 || found.route === undefined) return dev
  const { route, nexthop } = found
  if (isZero(route.dst) || leadsNowhere(route, nexthop?.device)) return dev
  if (route.type !== RTN_UNICAST) return refuse(req, errno.EINVAL, 'Nexthop has invalid gateway')
  if (nexthop?.device !== dev) {
    return refuse(req, errno.EINVAL, 'Nexthop has invalid gateway or device mismatch')
  }
  return dev
}

/** Where a gateway is: on a link, not behind another gateway. */
function find(ns: NetNamespace, route: RouteWish, wish: NexthopWish): Device | number {
  flow.reset(AF_INET6).dst.set(wish.gateway as Words)
  flow.now = route.req ? ticks(route.req.socket.kernel) : 0
  flow.oif = wish.oif
  flow.strictOif = wish.oif !== 0
  const table = route.anyTable ? undefined : ns.ip.v6.tables.get(route.table)
  const direct = (result: number): Device | undefined => {
    if (result !== 0 || !found.route || !found.nexthop) return undefined
    const dev = found.nexthop.device
    if (leadsNowhere(found.route, dev) || found.nexthop.gateway !== undefined) return undefined
    return wish.oif === 0 || dev?.ifindex === wish.oif ? dev : undefined
  }
  const dev = (table && direct(inTable(table, flow, found))) ?? direct(lookup(ns, flow, found))
  return dev ?? -errno.EHOSTUNREACH
}
