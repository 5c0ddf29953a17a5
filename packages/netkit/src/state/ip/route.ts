import { ipText } from '@netkit/netlink'
import { InputError } from '../../input/input-error.ts'
import { addressOf, type IpFamily, networkText, type Prefix, prefixOf } from '../../ip/prefix.ts'
import {
  ROUTES_NOWHERE,
  ROUTES_OF_HOST,
  type Route,
  type RouteOptions,
  type RouteTableName,
  routeScope,
  tableNumber,
} from '../../ip/routes.ts'
import type { NexthopState, RouteState } from '../schema/schema.ts'
import { scopeOption, scopeWord, tableName } from './names.ts'
import { fieldsText, present } from './text.ts'

const OP = 'route'
/** Of IPv6 routes, where none is said. */
const USUAL_METRIC6 = 1024

const familyOf = (address: string): IpFamily => (address.includes(':') ? 'inet6' : 'inet')
const viaOf = ({ via, nexthops }: RouteState): string | undefined =>
  via ?? nexthops?.find((one) => one.via !== undefined)?.via

/** The family of a route: that of its network, and of `default` that of the router. */
export function routeFamily(route: RouteState): IpFamily {
  if (route.to !== 'default') return familyOf(route.to)
  return familyOf(viaOf(route) ?? '0.0.0.0')
}

/** A route in the one form in which it is compared: what goes without saying is left out. Throws InputError. */
export function plainRoute(said: RouteState): RouteState {
  const family = routeFamily(said)
  const v4 = family === 'inet'
  for (const field of ['scope', 'tos'] as const)
    if (!v4 && said[field] !== undefined) throw new InputError(OP, field, 'is of IPv4 only')
  const ways = waysOf(said)
  const only = ways.length === 1 ? ways[0] : undefined
  const plain: RouteState = {
    to: said.to,
    via: only?.via,
    dev: only?.dev,
    onlink: only?.onlink,
    nexthops: only ? undefined : sorted(ways),
    type: said.type === 'unicast' ? undefined : said.type,
    table: tableWord(said),
    metric: (said.metric ?? 0) === (v4 ? 0 : USUAL_METRIC6) ? undefined : said.metric,
    src: said.src === undefined ? undefined : ipText(addressOf(OP, 'src', said.src)),
    scope: undefined,
    tos: said.tos || undefined,
    mtu: said.mtu,
  }
  const scope = said.scope === undefined || !v4 ? undefined : scopeWord(scopeOption(said.scope))
  const usual = scopeWord(scopeOption(routeScope(optionsOf(plain, family), family, true)))
  return present({ ...plain, to: destination(said, family), scope: scope === usual ? undefined : scope })
}

/** Its ways; none of what leads nowhere. */
function waysOf(route: RouteState): readonly NexthopState[] {
  const { via, dev, onlink, nexthops } = route
  const type = route.type ?? 'unicast'
  const single = via !== undefined || dev !== undefined || onlink === true
  if (single && nexthops) throw new InputError(OP, 'nexthops', 'must be absent where via, dev or onlink is said')
  if (ROUTES_NOWHERE.includes(type)) {
    if (single || nexthops) throw new InputError(OP, 'type', `leads nowhere: no via, dev or nexthops go with ${type}`)
    return []
  }
  const ways = nexthops ?? [{ via, dev, onlink }]
  if (ways.some((one) => one.via === undefined && one.dev === undefined))
    throw new InputError(OP, nexthops ? 'nexthops' : 'to', 'must lead somewhere: say via or dev')
  return ways.map((one) =>
    present({
      via: one.via === undefined ? undefined : ipText(addressOf(OP, 'via', one.via)),
      dev: one.dev,
      onlink: one.onlink || undefined,
      weight: one.weight === 1 ? undefined : one.weight,
    }),
  )
}

/** Several ways, in no order of their own; nothing for none. */
function sorted(ways: readonly NexthopState[]): NexthopState[] | undefined {
  if (ways.length === 0) return undefined
  const key = (one: NexthopState): string => JSON.stringify([one.via, one.dev, one.weight])
  return ways.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

function tableWord({ table, type = 'unicast' }: RouteState): RouteTableName | undefined {
  const usual = ROUTES_OF_HOST.includes(type) ? 'local' : 'main'
  const name = table === undefined ? usual : tableName(table)
  return name === usual ? undefined : name
}

/** `default` is what its router says; otherwise the families' own words stand for it. */
function destination(route: RouteState, family: IpFamily): string {
  const prefix: Prefix = route.to === 'default' ? ANY[family] : prefixOf(OP, 'to', route.to)
  if (prefix.length === 0) {
    const via = viaOf(route)
    const told = via === undefined ? 'inet' : familyOf(via)
    return told === family ? 'default' : `${ipText(ANY[family].bytes)}/0`
  }
  const network = networkText(prefix)
  if (network === ipText(prefix.bytes)) return `${network}/${prefix.length}`
  throw new InputError(OP, 'to', `has bits behind its length: the network is ${network}/${prefix.length}`)
}

const ANY: Readonly<Record<IpFamily, Prefix>> = {
  inet: { family: 'inet', bytes: new Uint8Array(4), length: 0 },
  inet6: { family: 'inet6', bytes: new Uint8Array(16), length: 0 },
}

/** A route that is there; undefined where a document cannot say it. `nameOf`: how a device is called. */
export function routeNow(route: Route, nameOf: (ifindex: number) => string | undefined): RouteState | undefined {
  const { type, attrs, family, dst } = route
  if (typeof type === 'number' || attrs.encap || attrs.nhId !== undefined || attrs.src !== undefined) return undefined
  const v4 = family === 'inet'
  const nowhere = ROUTES_NOWHERE.includes(type)
  const ways: NexthopState[] = []
  for (const { gateway, ifindex, weight, flags } of nowhere ? [] : route.nexthops) {
    const dev = ifindex === undefined ? undefined : nameOf(ifindex)
    if (dev === undefined) return undefined
    ways.push({ via: gateway, dev, weight, onlink: flags.includes('onlink') })
  }
  const { weight: _, ...only } = ways[0] ?? {}
  return plainRoute({
    to: dst === 'default' ? `${ipText(ANY[family].bytes)}/0` : dst,
    ...(ways.length > 1 ? { nexthops: ways } : only),
    type,
    table: route.table,
    metric: route.metric,
    src: route.prefsrc,
    scope: v4 ? scopeWord(route.scope) : undefined,
    tos: v4 ? route.tos : undefined,
    mtu: route.mtu,
  })
}

/** What there is only one of: network, table, metric and type of service. */
export const routeKey = (plain: RouteState): string => {
  const family = routeFamily(plain)
  const everything = plain.to === 'default' || plain.to.endsWith('/0')
  return JSON.stringify([family, everything ? '' : plain.to, tableOf(plain), plain.metric ?? 0, plain.tos ?? 0])
}

const tableOf = ({ table, type = 'unicast' }: RouteState): number =>
  tableNumber((table as RouteTableName) ?? (ROUTES_OF_HOST.includes(type) ? 'local' : 'main'))

/** Whether a route is as it is to be. A device that is not said may be any. */
export function sameRoute(wanted: RouteState, now: RouteState): boolean {
  const open = (want: NexthopState, has: NexthopState): NexthopState =>
    present({ ...has, dev: want.dev === undefined ? undefined : has.dev })
  const { nexthops } = wanted
  if (nexthops?.length !== now.nexthops?.length) return false
  const there = nexthops
    ? { ...now, nexthops: sorted(now.nexthops!.map((one, i) => open(nexthops[i], one))) }
    : { ...now, dev: wanted.dev === undefined ? undefined : now.dev }
  return JSON.stringify(present({ ...wanted })) === JSON.stringify(present({ ...there }))
}

const wayOptions = ({ via, dev, onlink, weight }: NexthopState) => ({ via, device: dev, onlink, weight })

function optionsOf(plain: RouteState, family: IpFamily): RouteOptions {
  const { to, via, dev, onlink, nexthops, type, table, metric, src, scope, tos, mtu } = plain
  return {
    dst: to,
    family,
    ...wayOptions({ via, dev, onlink }),
    nexthops: nexthops?.map(wayOptions),
    type,
    table: table as RouteTableName | undefined,
    metric,
    src,
    scope: scope === undefined ? undefined : scopeOption(scope),
    tos,
    mtu,
  }
}

/** What the SDK makes of it. */
export const routeOptions = (plain: RouteState, protocol: number): RouteOptions => ({
  ...optionsOf(plain, routeFamily(plain)),
  protocol,
})

/** What says which route is to go: its ways do not matter. */
export const routeSelector = (plain: RouteState, protocol: number): RouteOptions => ({
  dst: plain.to,
  family: routeFamily(plain),
  type: plain.type,
  table: plain.table as RouteTableName | undefined,
  metric: plain.metric,
  tos: plain.tos,
  protocol,
})

/** `default via 10.0.0.1 dev eth0` */
export function routeText({ to, nexthops, type, ...rest }: RouteState): string {
  const ways = nexthops?.map((one) => ` nexthop${fieldsText(one)}`).join('') ?? ''
  return `${type === undefined ? '' : `${type} `}${to}${fieldsText(rest)}${ways}`
}
