import {
  AF_INET,
  AF_INET6,
  decodeAttrs,
  ipText,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  ROUTE,
  ROUTE_PROTOCOLS,
  ROUTE_TABLES,
  ROUTE_TYPES,
  type RouteAttrs,
  RT_ROUTE,
  RTNH_F_ONLINK,
} from '@netkit/netlink'
import { indexOf } from '../devices/look.ts'
import { type DeviceSelector, deviceText, placeOf } from '../devices/selector.ts'
import { InputError } from '../input/input-error.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import type { Scope } from '../places/scope.ts'
import type { Reply } from '../request/exchange.ts'
import { type IpScope, scopeName, scopeNumber } from './addresses.ts'
import { addressOf, familyName, familyNumber, type IpFamily, networkText, type Prefix, prefixOf } from './prefix.ts'

export type RouteType = keyof typeof ROUTE_TYPES
export type RouteTableName = keyof typeof ROUTE_TABLES | number
export type RouteProtocol = keyof typeof ROUTE_PROTOCOLS | number
/** How a nexthop is. */
export type NexthopFlag = 'dead' | 'onlink' | 'linkdown'

/** One way of a route. */
export interface RouteNexthop {
  readonly gateway: string | undefined
  /** Absent: nowhere. */
  readonly ifindex: number | undefined
  /** 1 to 256. */
  readonly weight: number
  readonly flags: readonly NexthopFlag[]
}

/** A route as the kernel described it. */
export interface Route {
  readonly family: IpFamily
  readonly type: RouteType | number
  /** The network that it leads to; `default` for all. */
  readonly dst: string
  readonly table: RouteTableName
  readonly protocol: RouteProtocol
  readonly scope: IpScope
  readonly tos: number
  /** Metric; the least wins. */
  readonly metric: number | undefined
  /** The address that packets are sent from. */
  readonly prefsrc: string | undefined
  /** RTA_METRICS. */
  readonly mtu: number | undefined
  readonly pref: RouteAttrs['pref']
  readonly nexthops: readonly RouteNexthop[]
  /** The attributes as they came. */
  readonly attrs: RouteAttrs
}

export interface NexthopOptions {
  /** Address of the router, of either family for IPv4 routes. */
  readonly via?: string
  readonly device?: DeviceSelector
  /** 1 to 256. Default: 1. */
  readonly weight?: number
  /** Take the router to be on the device's link whatever routes say. Default: false. */
  readonly onlink?: boolean
}

export interface RouteOptions extends Where, NexthopOptions {
  /** `10.0.0.0/8`, `2001:db8::/32`, `default`, for which `family` or `via` says of which family. */
  readonly dst: string
  readonly family?: IpFamily
  readonly type?: RouteType
  readonly table?: RouteTableName
  /** Default: `boot`. */
  readonly protocol?: RouteProtocol
  /** IPv4. Default: by type and way. */
  readonly scope?: IpScope
  readonly tos?: number
  readonly metric?: number
  readonly src?: string
  readonly mtu?: number
  /** Several ways instead of one. */
  readonly nexthops?: readonly NexthopOptions[]
}

export interface ListRoutesOptions extends Where {
  readonly family?: IpFamily
  /** Default: `main`; `all`: of every table. */
  readonly table?: RouteTableName | 'all'
  readonly device?: DeviceSelector
}

/** What else is known of the packet whose way is asked for. */
export interface RouteQuestion extends Where {
  /** Where it comes from. */
  readonly from?: string
  /** The device that it must leave by. */
  readonly device?: DeviceSelector
  /** The device that received it: then it is one to forward, and needs `from`. */
  readonly receivedBy?: DeviceSelector
  readonly mark?: number
  readonly tos?: number
  /** Ask for the route that was found, not for the way that comes of it. Default: false. */
  readonly fibMatch?: boolean
}

const HEADER = 12
/** Source: uapi RTM_F_*. */
const RTM_F_LOOKUP_TABLE = 0x1000
const RTM_F_FIB_MATCH = 0x2000

const nexthopFlags = (n: number): NexthopFlag[] => [
  ...((n & 1) !== 0 ? (['dead'] as const) : []),
  ...((n & 4) !== 0 ? (['onlink'] as const) : []),
  ...((n & 16) !== 0 ? (['linkdown'] as const) : []),
]

export const nameIn = <T extends string>(names: Readonly<Record<T, number>>, n: number): T | number =>
  (Object.keys(names) as T[]).find((name) => names[name] === n) ?? n

/** Reads RTM_NEWROUTE and RTM_DELROUTE. */
export function decodeRoute({ data, start, end }: Reply): Route {
  const at = start + 16
  const attrs = decodeAttrs(ROUTE, data, at + HEADER, end)
  const length = data.u8(at + 1)
  const zero = data.u8(at) === AF_INET ? '0.0.0.0' : '::'
  const one = {
    gateway: attrs.gateway ?? attrs.via,
    ifindex: attrs.oif,
    weight: 1,
    flags: nexthopFlags(data.u8(at + 8)),
  }
  return {
    family: familyName(data.u8(at)),
    type: nameIn(ROUTE_TYPES, data.u8(at + 7)),
    dst: length === 0 ? 'default' : `${attrs.dst ?? zero}/${length}`,
    table: nameIn(ROUTE_TABLES, attrs.table ?? data.u8(at + 4)),
    protocol: nameIn(ROUTE_PROTOCOLS, data.u8(at + 5)),
    scope: scopeName(data.u8(at + 6)),
    tos: data.u8(at + 3),
    metric: attrs.priority,
    prefsrc: attrs.prefsrc,
    mtu: attrs.metrics?.mtu,
    pref: attrs.pref,
    nexthops: attrs.multipath?.map(({ gateway, via, oif, weight, flags = 0 }) => ({
      gateway: gateway ?? via,
      ifindex: oif,
      weight,
      flags: nexthopFlags(flags),
    })) ?? [one],
    attrs,
  }
}

/** Routes of namespaces: `kernel.routes`. Each call acts in the namespace `in`, by default the client's own. */
export class Routes {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** The routes of a table, in the kernel's order. */
  list(options: ListRoutesOptions = {}): Promise<Route[]> {
    const { table = 'main', family, device, signal } = options
    const place = device === undefined ? options.in : placeOf(device, options.in)
    return this.#places.with(place, async (scope) => {
      const ifindex = device === undefined ? undefined : await indexOf(scope, 'route list', device, signal)
      const header = { family: family === undefined ? 0 : familyNumber(family) }
      const replies = await scope.routeDump(RT_ROUTE.getroute, header, {}, { op: 'route list', signal })
      return replies
        .map(decodeRoute)
        .filter(
          (route) =>
            (table === 'all' || tableNumber(route.table) === tableNumber(table)) &&
            (ifindex === undefined || route.nexthops.some((one) => one.ifindex === ifindex)),
        )
    })
  }

  /** The route that a packet would take. Rejects with KernelError: ENETUNREACH where there is none. */
  get(dst: string, options: RouteQuestion = {}): Promise<Route> {
    const op = `route get ${dst}`
    const bytes = addressOf(op, 'dst', dst)
    const src = options.from === undefined ? undefined : addressOf(op, 'from', options.from)
    const bits = 8 * bytes.length
    return this.#places.with(options.in, async (scope) => {
      const { device, receivedBy, mark, tos = 0, fibMatch, signal } = options
      const index = (of: DeviceSelector | undefined) => of !== undefined && indexOf(scope, op, of, signal)
      const [oif, iif] = [(await index(device)) || undefined, (await index(receivedBy)) || undefined]
      const family = bits === 32 ? AF_INET : AF_INET6
      // IPv6 says the table unasked, and refuses to be asked.
      const flags = (family === AF_INET ? RTM_F_LOOKUP_TABLE : 0) | (fibMatch ? RTM_F_FIB_MATCH : 0)
      const header = { family, dstLength: bits, srcLength: src ? bits : 0, tos, flags }
      const attrs = { dst: ipText(bytes), src: src && ipText(src), oif, iif, mark }
      const [reply] = await scope.routeCall(RT_ROUTE.getroute, 0, header, attrs, { op, signal })
      return decodeRoute(reply)
    })
  }

  /** Rejects with KernelError: EEXIST where there is a route to the same network with the same metric. */
  add(options: RouteOptions): Promise<void> {
    return this.#change('add', NLM_F_CREATE | NLM_F_EXCL, options)
  }

  /** Puts a route in the place of one to the same network with the same metric, if there is one. */
  replace(options: RouteOptions): Promise<void> {
    return this.#change('replace', NLM_F_CREATE | NLM_F_REPLACE, options)
  }

  /** The same, but only if there is one: otherwise KernelError ENOENT. */
  change(options: RouteOptions): Promise<void> {
    return this.#change('change', NLM_F_REPLACE, options)
  }

  /** Puts a route before others to the same network (IPv4). */
  prepend(options: RouteOptions): Promise<void> {
    return this.#change('prepend', NLM_F_CREATE, options)
  }

  /** Puts a route behind others to the same network; of IPv6, beside them. */
  append(options: RouteOptions): Promise<void> {
    return this.#change('append', NLM_F_CREATE | NLM_F_APPEND, options)
  }

  /** Removes the first route that is as said; what is not said may be anything. KernelError ESRCH where there is none. */
  remove(options: RouteOptions): Promise<void> {
    return this.#change('remove', undefined, options)
  }

  #change(how: string, flags: number | undefined, o: RouteOptions): Promise<void> {
    const op = `route ${how} ${o.dst}`
    const dst = destination(op, o)
    return this.#places.with(o.in, async (scope) => {
      const { header, attrs } = await message(scope, op, o, dst, flags !== undefined)
      const kind = flags === undefined ? RT_ROUTE.delroute : RT_ROUTE.newroute
      await scope.routeCall(kind, flags ?? 0, header, attrs, { op, signal: o.signal })
    })
  }
}

export const tableNumber = (table: RouteTableName): number => (typeof table === 'number' ? table : ROUTE_TABLES[table])

const ANY: Readonly<Record<IpFamily, Prefix>> = {
  inet: { family: 'inet', bytes: new Uint8Array(4), length: 0 },
  inet6: { family: 'inet6', bytes: new Uint8Array(16), length: 0 },
}

function destination(op: string, o: RouteOptions): Prefix {
  if (o.dst !== 'default') return prefixOf(op, 'dst', o.dst)
  const via = o.via ?? o.nexthops?.find((one) => one.via !== undefined)?.via
  if (o.family !== undefined || via === undefined) return ANY[o.family ?? 'inet']
  return ANY[addressOf(op, 'via', via).length === 4 ? 'inet' : 'inet6']
}

/** Types of routes that are kept in the table `local`. */
export const ROUTES_OF_HOST: readonly (RouteType | undefined)[] = ['local', 'broadcast', 'anycast']
/** Types of routes that have no way. */
export const ROUTES_NOWHERE: readonly (RouteType | undefined)[] = ['blackhole', 'unreachable', 'prohibit', 'throw']

/** The scope of an IPv4 route where none is said: as far as its type and its way reach, as iproute2 has it. */
export function routeScope(
  o: Pick<RouteOptions, 'scope' | 'type' | 'via' | 'nexthops'>,
  family: IpFamily,
  adds: boolean,
): number {
  if (o.scope !== undefined) return scopeNumber(o.scope)
  if (family === 'inet6') return 0
  if (!adds) return scopeNumber('nowhere')
  if (o.type === 'local') return scopeNumber('host')
  if (ROUTES_OF_HOST.includes(o.type)) return scopeNumber('link')
  const routed = o.via !== undefined || o.nexthops !== undefined || ROUTES_NOWHERE.includes(o.type)
  return o.type === 'multicast' || routed ? 0 : scopeNumber('link')
}

async function message(scope: Scope, op: string, o: RouteOptions, dst: Prefix, adds: boolean) {
  const table = tableNumber(o.table ?? (ROUTES_OF_HOST.includes(o.type) ? 'local' : 'main'))
  const header = {
    family: familyNumber(dst.family),
    dstLength: dst.length,
    tos: o.tos ?? 0,
    table: table < 256 ? table : 0,
    protocol: protocolNumber(o.protocol ?? (adds ? 'boot' : 0)),
    scope: routeScope(o, dst.family, adds),
    type: o.type === undefined && !adds ? 0 : ROUTE_TYPES[o.type ?? 'unicast'],
    flags: o.onlink ? RTNH_F_ONLINK : 0,
  }
  const multipath: Required<RouteAttrs>['multipath'][number][] = []
  for (const one of o.nexthops ?? []) {
    const { oif = 0, ...gateway } = await way(scope, op, one, dst.family, o.signal)
    multipath.push({ ...gateway, oif, weight: one.weight ?? 1, flags: one.onlink ? RTNH_F_ONLINK : 0 })
  }
  const attrs: RouteAttrs = {
    dst: dst.length === 0 ? undefined : networkOrFault(op, dst),
    table: table < 256 ? undefined : table,
    priority: o.metric,
    prefsrc: o.src === undefined ? undefined : ipText(addressOf(op, 'src', o.src)),
    metrics: o.mtu === undefined ? undefined : { mtu: o.mtu },
    ...(await way(scope, op, o, dst.family, o.signal)),
    multipath: multipath.length > 0 ? multipath : undefined,
  }
  return { header, attrs }
}

export const protocolNumber = (protocol: RouteProtocol): number =>
  typeof protocol === 'number' ? protocol : ROUTE_PROTOCOLS[protocol]

/** Kernels refuse networks with bits behind their length, or cut them off without a word: here they are a slip of the pen. */
function networkOrFault(op: string, dst: Prefix): string {
  const network = networkText(dst)
  const text = ipText(dst.bytes)
  if (network === text) return text
  throw new InputError(op, 'dst', `has bits behind its length: the network is ${network}/${dst.length}`)
}

async function way(
  scope: Scope,
  op: string,
  { via, device }: NexthopOptions,
  family: IpFamily,
  signal: AbortSignal | undefined,
): Promise<Pick<RouteAttrs, 'gateway' | 'via' | 'oif'>> {
  const oif = device === undefined ? undefined : await indexOf(scope, `${op} dev ${deviceText(device)}`, device, signal)
  if (via === undefined) return { oif }
  const bytes = addressOf(op, 'via', via)
  const other = bytes.length === 4 ? 'inet' : 'inet6'
  return other === family ? { gateway: ipText(bytes), oif } : { via: ipText(bytes), oif }
}
