import type { Route } from 'netkit'
import { Entry } from '../entry.ts'
import type { Json } from '../json.ts'
import { printable } from '../printable.ts'
import type { Style } from '../style.ts'
import { scopeText } from './address.ts'

/** What is needed to print routes besides them. */
export interface RouteView {
  readonly style: Style
  /** Says what goes without saying, too. */
  readonly details: boolean
  readonly device: (ifindex: number | undefined) => string
}

/** A host's own prefix is written without its length. */
function dstText({ dst, family }: Route): string {
  return dst.replace(family === 'inet' ? /\/32$/ : /\/128$/, '')
}

const isOf = (address: string): string => (address.includes(':') ? 'inet6' : 'inet')

/** A gateway of the other family says which it is. */
const viaText = (gateway: string, family: string): string =>
  isOf(gateway) === family ? gateway : `${isOf(gateway)} ${gateway}`

const viaJson = (gateway: string, family: string): Record<string, Json> =>
  isOf(gateway) === family ? { gateway } : { via: { family: isOf(gateway), host: gateway } }

/** A route as `ip route` prints it, and as `ip -j route` does. */
export function routeEntry(route: Route, view: RouteView): Entry {
  const { style, details } = view
  const entry = new Entry()
  if (route.type !== 'unicast' || details) entry.add('type', route.type, `${route.type} `)
  entry.add('dst', dstText(route), `${route.dst === 'default' ? 'default' : style.address(dstText(route))} `)
  const only = route.nexthops.length === 1 ? route.nexthops[0] : undefined
  if (only?.gateway !== undefined) {
    const [[key, value]] = Object.entries(viaJson(only.gateway, route.family))
    entry.add(key, value, `via ${style.address(viaText(only.gateway, route.family))} `)
  }
  if (only?.ifindex !== undefined) {
    const name = view.device(only.ifindex)
    entry.add('dev', name, `dev ${style.device(printable(name))} `)
  }
  if (route.table !== 'main' || details) entry.add('table', String(route.table), `table ${route.table} `)
  if ((route.protocol !== 'boot' && route.protocol !== 'unspec') || details)
    entry.add('protocol', String(route.protocol), `proto ${route.protocol} `)
  else if (route.protocol === 'boot') entry.only('protocol', 'boot')
  if (route.scope !== 'universe' || details) {
    entry.add('scope', scopeText(route.scope), `scope ${scopeText(route.scope)} `)
  }
  if (route.tos !== 0) entry.add('tos', route.tos, `tos 0x${route.tos.toString(16)} `)
  if (route.prefsrc !== undefined) entry.add('prefsrc', route.prefsrc, `src ${style.address(route.prefsrc)} `)
  if (route.metric !== undefined) entry.add('metric', route.metric, `metric ${route.metric} `)
  const flags = only?.flags ?? []
  entry.add('flags', [...flags], flags.map((flag) => `${flag} `).join(''))
  if (route.mtu !== undefined) entry.add('metrics', [{ mtu: route.mtu }], `mtu ${route.mtu} `)
  if (!only) addNexthops(entry, route, view)
  if (route.pref !== undefined) entry.add('pref', String(route.pref), `pref ${route.pref}`)
  return entry
}

function addNexthops(entry: Entry, route: Route, view: RouteView): void {
  const text = route.nexthops.map(({ gateway, ifindex, weight, flags }) => {
    const way = gateway === undefined ? '' : `via ${viaText(gateway, route.family)} `
    return `\n\tnexthop ${way}dev ${printable(view.device(ifindex))} weight ${weight} ${flags.join(' ')}`
  })
  const json = route.nexthops.map(({ gateway, ifindex, weight, flags }) => ({
    ...(gateway === undefined ? {} : viaJson(gateway, route.family)),
    dev: view.device(ifindex),
    weight,
    flags: [...flags],
  }))
  entry.add('nexthops', json, `${text.join('')} `)
}
