import { AF_INET, FR_ACT_TO_TBL, RT_TABLE_DEFAULT, RT_TABLE_LOCAL, RT_TABLE_MAIN, RTPROT_KERNEL } from '@netkit/netlink'
import { PrefixTable } from '../../prefix/prefix-table.ts'
import { compareWords, hasPrefix, type Words } from '../../prefix/words.ts'
import type { FamilyRoutes, NamespaceIp, Route, RouteTable, Rule } from '../route.ts'

/** Words of an address. */
const wordsOf = (family: number): number => (family === AF_INET ? 1 : 4)

const NO_SUPPRESSION = -1
const ANY_UID = 0xffff_ffff

/** A rule with which everyone asks a table. */
const plainRule = (family: number, priority: number, table: number): Rule => ({
  family,
  priority,
  action: FR_ACT_TO_TBL,
  table,
  src: new Int32Array(wordsOf(family)),
  srcLength: 0,
  dst: new Int32Array(wordsOf(family)),
  dstLength: 0,
  tos: 0,
  tosMask: 0,
  dscp: false,
  iifname: undefined,
  oifname: undefined,
  mark: 0,
  mask: 0,
  flags: 0,
  target: 0,
  protocol: RTPROT_KERNEL,
  suppressLength: NO_SUPPRESSION,
  suppressGroup: NO_SUPPRESSION,
  ipProto: 0,
  uidStart: 0,
  uidEnd: ANY_UID,
  tunId: 0n,
  l3mdev: false,
  realm: 0,
  sport: 0,
  sportMask: 0,
  dport: 0,
  dportMask: 0,
})

const makeTable = (family: number, id: number): RouteTable => ({
  id,
  family,
  prefixes: new PrefixTable<Route[]>(wordsOf(family)),
})

/** The rules that a namespace begins with: local, main and, in IPv4, default. Source: what Linux 7.3 shows. */
function makeFamily(family: number): FamilyRoutes {
  const local = makeTable(family, RT_TABLE_LOCAL)
  const main = makeTable(family, RT_TABLE_MAIN)
  const rules = [plainRule(family, 0, RT_TABLE_LOCAL), plainRule(family, 32766, RT_TABLE_MAIN)]
  if (family === AF_INET) rules.push(plainRule(family, 32767, RT_TABLE_DEFAULT))
  const tables = new Map<number, RouteTable>()
  // IPv4 makes its tables when the first route comes.
  if (family !== AF_INET) tables.set(RT_TABLE_LOCAL, local).set(RT_TABLE_MAIN, main)
  return { family, tables, local, main, rules, ruled: false }
}

export const makeNamespaceIp = (v4: number, v6: number): NamespaceIp => ({ v4: makeFamily(v4), v6: makeFamily(v6) })

/** The table with a number, made if need be. */
export function tableOf(routes: FamilyRoutes, id: number): RouteTable {
  let table = routes.tables.get(id)
  if (table === undefined) {
    // Local comes with main, in which it is searched.
    if (id === RT_TABLE_LOCAL) tableOf(routes, RT_TABLE_MAIN)
    table = id === RT_TABLE_MAIN ? routes.main : id === RT_TABLE_LOCAL ? routes.local : makeTable(routes.family, id)
    routes.tables.set(id, table)
  }
  return table
}

/** Puts a route before the place `at` among those to its prefix. */
export function putRoute(table: RouteTable, route: Route, at: number): void {
  const set = table.prefixes.get(route.dst, route.dstLength)
  if (set === undefined) table.prefixes.set(route.dst, route.dstLength, [route])
  else set.splice(at, 0, route)
}

export function dropRoute(table: RouteTable, route: Route): void {
  const set = table.prefixes.get(route.dst, route.dstLength)
  const at = set?.indexOf(route) ?? -1
  if (set === undefined || at < 0) return
  set.splice(at, 1)
  if (set.length === 0) table.prefixes.delete(route.dst, route.dstLength)
}

/** Whether a route is still in the table. */
export const holdsRoute = (table: RouteTable | undefined, route: Route): boolean =>
  table?.prefixes.get(route.dst, route.dstLength)?.includes(route) === true

/** By address, the longer prefix of an address first. */
const compareV4 = (a: Route, b: Route): number => compareWords(a.dst, b.dst) || b.dstLength - a.dstLength

/** As one walks a tree: what is inside a prefix before it, else by address. */
function comparePrefixes(a: Words, aLength: number, b: Words, bLength: number): number {
  if (aLength > bLength && hasPrefix(a, b, bLength)) return -1
  if (bLength > aLength && hasPrefix(b, a, aLength)) return 1
  return compareWords(a, b)
}

/** Routes by source hang as a tree of their own on the prefix, which is walked before what is inside the prefix. */
function compareV6(a: Route, b: Route): number {
  const order = comparePrefixes(a.dst, a.dstLength, b.dst, b.dstLength)
  if (order === 0) {
    if (a.src === undefined || b.src === undefined) return Number(a.src === undefined) - Number(b.src === undefined)
    return comparePrefixes(a.src, a.srcLength, b.src, b.srcLength)
  }
  const outer = order < 0 ? b : a
  const inner = order < 0 ? a : b
  const bySource = outer.src !== undefined && hasPrefix(inner.dst, outer.dst, outer.dstLength)
  return bySource ? -order : order
}

/** The routes of a table in the order in which they are listed. */
export function listRoutes(table: RouteTable): Route[] {
  const routes = [...table.prefixes.values()].flat()
  return routes.sort(table.family === AF_INET ? compareV4 : compareV6)
}

const BUCKETS = 256

/** The tables in the order in which they are listed: by the last byte of their number, among equals the newest first. */
export function listTables(routes: FamilyRoutes): RouteTable[] {
  const tables = [...routes.tables.values()].reverse()
  return tables.sort((a, b) => (a.id % BUCKETS) - (b.id % BUCKETS))
}
