import {
  AF_INET,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELNEIGH,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
  RTM_NEWROUTE,
  RTM_NEWRULE,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
  RTNLGRP_NEIGH,
} from '@netkit/netlink'
import type { Announcer } from '../net/announcer.ts'
import type { Core } from '../net/core.ts'
import { REGISTERED } from '../net/device.ts'
import { isV4, writeAddress } from './addr/message.ts'
import { buildLinkNotice, sendLinkNotice } from './link/notify.ts'
import { writeNeighbour } from './neigh/message.ts'
import { tell } from './notice.ts'
import { notifyNsid } from './nsid/message.ts'
import { writeRoute } from './route/message.ts'
import { writeRule } from './rule/message.ts'

/** What rtnetlink's groups hear of devices, namespaces, addresses and routes. */
export const routeAnnouncer = (kernel: Core): Omit<Announcer, 'netdev' | 'features' | 'pagePool'> => ({
  link(dev, notice) {
    if (dev.state === REGISTERED) sendLinkNotice(kernel, buildLinkNotice(kernel, dev, RTM_NEWLINK, notice))
  },
  linkGone(dev, notice) {
    const built = buildLinkNotice(kernel, dev, RTM_DELLINK, notice)
    return () => sendLinkNotice(kernel, built)
  },
  nsid: (ns, event, nsid, req) => notifyNsid(kernel, ns, event, nsid, req),
  address(dev, address, event, req) {
    const v4 = isV4(address)
    const group = v4 ? RTNLGRP_IPV4_IFADDR : RTNLGRP_IPV6_IFADDR
    const type = event === 'new' ? RTM_NEWADDR : RTM_DELADDR
    // IPv6 does not say whose request it was.
    tell(kernel, dev.ns, { group, type, flags: 0, req: v4 ? req : undefined }, (w) =>
      writeAddress(w, kernel, dev, address),
    )
  },
  route(ns, route, event, { req, flags, reason }) {
    const group = route.family === AF_INET ? RTNLGRP_IPV4_ROUTE : RTNLGRP_IPV6_ROUTE
    const type = event === 'new' ? RTM_NEWROUTE : RTM_DELROUTE
    tell(kernel, ns, { group, type, flags, req }, (w) => writeRoute(w, kernel, route, { reason }))
  },
  neighbour(n, event, req) {
    const type = event === 'new' ? RTM_NEWNEIGH : RTM_DELNEIGH
    // Whoever asked is named, but not by which request.
    tell(kernel, n.dev.ns, { group: RTNLGRP_NEIGH, type, flags: 0, portId: req?.socket.portId }, (w) =>
      writeNeighbour(w, kernel, n),
    )
  },
  rule(ns, rule, event, req) {
    const group = rule.family === AF_INET ? RTNLGRP_IPV4_RULE : RTNLGRP_IPV6_RULE
    const type = event === 'new' ? RTM_NEWRULE : RTM_DELRULE
    tell(kernel, ns, { group, type, flags: 0, req }, (w) => writeRule(w, ns, rule))
  },
})
