import {
  AF_INET,
  errno,
  FIB_RULE_INVERT,
  FR_ACT_GOTO,
  FR_ACT_NOP,
  FR_ACT_PROHIBIT,
  FR_ACT_TO_TBL,
  FR_ACT_UNREACHABLE,
  RT_TABLE_DEFAULT,
  RTN_BLACKHOLE,
  RTN_PROHIBIT,
  RTN_THROW,
  RTN_UNREACHABLE,
} from '@netkit/netlink'
import { hasPrefix } from '../../prefix/words.ts'
import type { NetNamespace } from '../namespace.ts'
import type { FamilyRoutes, Route, RouteTable, Rule } from '../route.ts'
import type { Flow, Found } from './flow.ts'
import { pickV4 } from './pick-v4.ts'
import { pickV6 } from './pick-v6.ts'
import { leadsNowhere } from './v6-reject.ts'

/** A table has no answer: the next rule is asked. */
const NOTHING = 1
/** A throw route was met: this table has no answer, whatever else it has. */
const THROWN = 2

/** What routes that lead nowhere answer; above 0: the next rule is asked. */
export function errorOf(type: number): number {
  switch (type) {
    case RTN_BLACKHOLE:
      return -errno.EINVAL
    case RTN_UNREACHABLE:
      return -errno.EHOSTUNREACH
    case RTN_PROHIBIT:
      return -errno.EACCES
    case RTN_THROW:
      return THROWN
    default:
      return type > RTN_THROW ? -errno.EINVAL : 0
  }
}

/**
 * Finds the route of a packet: rules, tables, the longest prefix, the least metric, a nexthop that is alive. Returns 0 with
 * `found` filled in, or a negative errno: that of a route that leads nowhere, which is in `found` too, or ENETUNREACH where
 * there is none.
 */
export function lookup(ns: NetNamespace, flow: Flow, found: Found): number {
  const routes = flow.family === AF_INET ? ns.ip.v4 : ns.ip.v6
  found.route = undefined
  found.nexthop = undefined
  const result = routes.ruled ? byRules(ns, routes, flow, found) : plainly(routes, flow, found)
  return result > 0 ? -errno.ENETUNREACH : result
}

/** As long as nobody changed the rules. IPv4 searches local and main as if they were one, IPv6 one after the other. */
function plainly(routes: FamilyRoutes, flow: Flow, found: Found): number {
  if (routes.family === AF_INET) {
    const result = inBoth(routes.local, routes.main, flow, found)
    if (result === 0) return 0
    // The default table has the last word even where main has refused.
    const last = routes.tables.get(RT_TABLE_DEFAULT)
    return last === undefined || last.prefixes.lengths.length === 0 ? result : inTable(last, flow, found)
  }
  const result = inTable(routes.local, flow, found)
  return result > 0 ? inTable(routes.main, flow, found) : result
}

/** The longest prefix of two tables; where both have it, the first one's routes come first. */
function inBoth(first: RouteTable, second: RouteTable, flow: Flow, found: Found): number {
  const a = first.prefixes.lengths
  const b = second.prefixes.lengths
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const length = i < a.length && (j >= b.length || a[i] >= b[j]) ? a[i] : b[j]
    if (i < a.length && a[i] === length) {
      const set = first.prefixes.get(flow.dst, length)
      const result = set === undefined ? NOTHING : pick(set, flow, found)
      if (result !== NOTHING) return result
      i++
    }
    if (j < b.length && b[j] === length) {
      const set = second.prefixes.get(flow.dst, length)
      const result = set === undefined ? NOTHING : pick(set, flow, found)
      if (result !== NOTHING) return result
      j++
    }
  }
  return NOTHING
}

/** Finds a route in one table. Returns a number above 0 where it has none. */
export function inTable(table: RouteTable, flow: Flow, found: Found): number {
  for (const length of table.prefixes.lengths) {
    const set = table.prefixes.get(flow.dst, length)
    if (set === undefined) continue
    const result = pick(set, flow, found)
    if (result !== NOTHING) return result
  }
  return NOTHING
}

const pick = (set: readonly Route[], flow: Flow, found: Found): number => {
  const took = flow.family === AF_INET ? pickV4(set, flow, found) : pickV6(set, flow, found)
  if (!took) return NOTHING
  const route = found.route as Route
  const nowhere = flow.family === AF_INET || leadsNowhere(route, found.nexthop?.device)
  return nowhere ? errorOf(route.type) : 0
}

function byRules(ns: NetNamespace, routes: FamilyRoutes, flow: Flow, found: Found): number {
  const { rules } = routes
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i]
    if (matches(ns, rule, flow) === ((rule.flags & FIB_RULE_INVERT) !== 0)) continue
    if (rule.action === FR_ACT_GOTO) {
      const to = rules.findIndex((other) => other.priority === rule.target)
      if (to > i) i = to - 1
      continue
    }
    if (rule.action === FR_ACT_NOP) continue
    if (rule.action === FR_ACT_UNREACHABLE) return -errno.ENETUNREACH
    if (rule.action === FR_ACT_PROHIBIT) return -errno.EACCES
    if (rule.action !== FR_ACT_TO_TBL) return -errno.EINVAL
    const table = routes.tables.get(rule.table)
    if (table === undefined) continue
    const result = inTable(table, flow, found)
    if (result > 0) continue
    if (result === 0 && isSuppressed(rule, found)) continue
    return result
  }
  return NOTHING
}

/** A route that is too general for the rule, or leads out of a device of a group that it excludes, does not count. */
function isSuppressed(rule: Rule, { route, nexthop }: Found): boolean {
  if (rule.suppressLength >= (route as Route).dstLength) return true
  return rule.suppressGroup >= 0 && nexthop?.device?.group === rule.suppressGroup
}

/** Whether a rule is about a packet, its inversion left aside. */
function matches(ns: NetNamespace, rule: Rule, flow: Flow): boolean {
  if (rule.iifname !== undefined && indexOf(ns, rule.iifname) !== flow.iif) return false
  if (rule.oifname !== undefined && indexOf(ns, rule.oifname) !== flow.oif) return false
  if (((rule.mark ^ flow.mark) & rule.mask) !== 0) return false
  if (rule.tunId !== 0n || rule.l3mdev) return false
  if (flow.uid < rule.uidStart || flow.uid > rule.uidEnd) return false
  if (rule.srcLength > 0 && !hasPrefix(flow.src, rule.src, rule.srcLength)) return false
  if (rule.dstLength > 0 && !hasPrefix(flow.dst, rule.dst, rule.dstLength)) return false
  if (((rule.tos ^ flow.tos) & rule.tosMask) !== 0) return false
  if (rule.ipProto !== 0 && rule.ipProto !== flow.ipProto) return false
  return inPorts(rule.sport, rule.sportMask, flow.sport) && inPorts(rule.dport, rule.dportMask, flow.dport)
}

const indexOf = (ns: NetNamespace, name: string): number => ns.names.get(name)?.ifindex ?? -1

/** A range of ports is two numbers of 16 bits, the first one below; 0: any port. With a mask it is one port, of which some bits count. */
function inPorts(range: number, mask: number, port: number): boolean {
  if (range === 0) return true
  return mask !== 0 ? ((range ^ port) & mask) === 0 : port >= (range & 0xffff) && port <= range >>> 16
}
