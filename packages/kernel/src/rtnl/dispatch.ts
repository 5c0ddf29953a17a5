import * as nl from '@netkit/netlink'
import { CAP_NET_ADMIN } from '../access/capability.ts'
import { netlinkCapable } from '../net/capable.ts'
import type { Request } from '../net/request.ts'
import { delV4Address } from './addr/del-v4.ts'
import { delV6Address } from './addr/del-v6.ts'
import { dumpAddresses } from './addr/dump.ts'
import { getV6Address } from './addr/get-v6.ts'
import { newV4Address } from './addr/new-v4.ts'
import { newV6Address } from './addr/new-v6.ts'
import { delBridgePort, dumpBridgePorts, setBridgePort } from './bridge/links.ts'
import { dumpInet6Links } from './inet6/dump.ts'
import { delLink } from './link/delete.ts'
import { dumpLinks } from './link/dump.ts'
import { getLink } from './link/get.ts'
import { newLink } from './link/new.ts'
import { delLinkProp, newLinkProp } from './link/prop.ts'
import { setLink } from './link/set.ts'
import { delNeighbour, newNeighbour } from './neigh/change.ts'
import { dumpNeighbours } from './neigh/dump.ts'
import { getNeighbour } from './neigh/get.ts'
import { dumpNsids } from './nsid/dump.ts'
import { getNsid } from './nsid/get.ts'
import { newNsid } from './nsid/new.ts'
import { delV4Route, delV6Route, newV4Route, newV6Route } from './route/change.ts'
import { dumpRoutes } from './route/dump.ts'
import { getV4Route } from './route/get-v4.ts'
import { getV6Route } from './route/get-v6.ts'
import { delRule, newRule } from './rule/change.ts'
import { dumpRules } from './rule/dump.ts'

const { errno } = nl

interface Handler {
  readonly handle?: (req: Request) => number
  readonly dump?: (req: Request) => number
  /** Knows the BULK flag of deletions. */
  readonly bulk?: boolean
}

const HANDLERS: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [nl.RTM_NEWLINK, { handle: newLink }],
  [nl.RTM_DELLINK, { handle: delLink }],
  [nl.RTM_GETLINK, { handle: getLink, dump: dumpLinks }],
  [nl.RTM_SETLINK, { handle: setLink }],
  [nl.RTM_NEWLINKPROP, { handle: newLinkProp }],
  [nl.RTM_DELLINKPROP, { handle: delLinkProp }],
  [nl.RTM_NEWNSID, { handle: newNsid }],
  [nl.RTM_GETNSID, { handle: getNsid, dump: dumpNsids }],
  [nl.RTM_NEWNEIGH, { handle: newNeighbour }],
  [nl.RTM_DELNEIGH, { handle: delNeighbour }],
  [nl.RTM_GETNEIGH, { handle: getNeighbour, dump: dumpNeighbours }],
  [nl.RTM_GETADDR, { dump: dumpAddresses }],
  [nl.RTM_GETROUTE, { dump: dumpRoutes }],
  [nl.RTM_NEWRULE, { handle: newRule }],
  [nl.RTM_DELRULE, { handle: delRule }],
  [nl.RTM_GETRULE, { dump: dumpRules }],
])

/** What other families answer themselves; the rest of theirs is answered as for no family. */
const HANDLERS_OF_FAMILIES: ReadonlyMap<number, ReadonlyMap<number, Handler>> = new Map<number, Map<number, Handler>>([
  [
    nl.AF_BRIDGE,
    new Map<number, Handler>([
      [nl.RTM_DELLINK, { handle: delBridgePort }],
      [nl.RTM_GETLINK, { dump: dumpBridgePorts }],
      [nl.RTM_SETLINK, { handle: setBridgePort }],
    ]),
  ],
  [
    nl.AF_INET,
    new Map<number, Handler>([
      [nl.RTM_NEWADDR, { handle: newV4Address }],
      [nl.RTM_DELADDR, { handle: delV4Address }],
      [nl.RTM_NEWROUTE, { handle: newV4Route }],
      [nl.RTM_DELROUTE, { handle: delV4Route }],
      [nl.RTM_GETROUTE, { handle: getV4Route }],
    ]),
  ],
  [
    nl.AF_INET6,
    new Map<number, Handler>([
      [nl.RTM_GETLINK, { dump: dumpInet6Links }],
      [nl.RTM_NEWADDR, { handle: newV6Address }],
      [nl.RTM_DELADDR, { handle: delV6Address }],
      [nl.RTM_GETADDR, { handle: getV6Address }],
      [nl.RTM_NEWROUTE, { handle: newV6Route }],
      [nl.RTM_DELROUTE, { handle: delV6Route }],
      [nl.RTM_GETROUTE, { handle: getV6Route }],
    ]),
  ],
])

/** Who answers in one of the ways: the family's own, else anyone. */
function find<K extends 'handle' | 'dump'>(req: Request, way: K): Handler | undefined {
  const family = req.bytes[req.start + nl.NLMSG_HDRLEN]
  const own = HANDLERS_OF_FAMILIES.get(family)?.get(req.type)
  return own?.[way] ? own : HANDLERS.get(req.type)
}

const KIND_DEL = 1
const KIND_GET = 2

/** Finds who answers a rtnetlink request. Source: spec 01 §2.1. */
export function handleRoute(req: Request): number {
  if (req.type > nl.RTM_MAX) return -errno.EOPNOTSUPP
  if (req.end - req.start === nl.NLMSG_HDRLEN) return 0
  const kind = req.type & 3
  if (kind !== KIND_GET && !netlinkCapable(req, req.ns.userNs, CAP_NET_ADMIN)) return -errno.EPERM
  if (kind === KIND_GET && (req.flags & nl.NLM_F_DUMP) !== 0) return find(req, 'dump')?.dump?.(req) ?? -errno.EOPNOTSUPP
  const handler = find(req, 'handle')
  if (!handler?.handle) return -errno.EOPNOTSUPP
  if (kind === KIND_DEL && (req.flags & nl.NLM_F_BULK) !== 0 && !handler.bulk) {
    return req.refuse(errno.EOPNOTSUPP, 'Bulk delete is not supported')
  }
  return handler.handle(req)
}
