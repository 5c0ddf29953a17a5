import { type Actual, type Found, ipOf, type Place } from './actual.ts'
import { addressText, networkOf } from './ip/address.ts'
import { type DeviceIp, type IpHolder, listedAddresses, listedNeighbours } from './ip/device.ts'
import { neighbourText } from './ip/neighbour.ts'
import { routeNow, routeText } from './ip/route.ts'
import { ruleNow } from './ip/rule.ts'
import { present } from './ip/text.ts'
import { isSetProtocol, protocolOf } from './owner.ts'
import type { AddressState, RouteState } from './schema/schema.ts'

/** Whose addresses, routes and rules are exported. */
export interface IpScopeOfExport {
  readonly set: string
  /** What nobody or another set owns, too. */
  readonly all: boolean
}

type Fields = Record<string, unknown>

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const filled = <T>(list: readonly T[]): readonly T[] | undefined => (list.length > 0 ? list : undefined)

/** Addresses and neighbours of a device, as a document says them. */
export function exportDeviceIp(ip: DeviceIp, name: string, owned: boolean, { set, all }: IpScopeOfExport): Fields {
  const holder: IpHolder = { name, owned: owned || all, protocol: protocolOf(set) }
  const addresses = listedAddresses(ip, holder).flatMap((one) => (one.ours ? [one.state] : []))
  const neighbours = listedNeighbours(ip, holder).flatMap((one) => (one.ours ? [one.state] : []))
  return present({
    addresses: filled(inOrder(addresses).map((one) => (Object.keys(one).length === 1 ? one.address : one))),
    neighbours: filled(neighbours.toSorted((a, b) => byText(neighbourText(a), neighbourText(b)))),
  })
}

/** IPv4 by network, the primary first; then IPv6. The kernel's order tells when each was given, which does not matter. */
function inOrder(addresses: readonly AddressState[]): readonly AddressState[] {
  const primaries = new Map<string, AddressState>()
  for (const one of addresses) {
    const network = networkOf(one)
    if (network !== undefined && !primaries.has(network)) primaries.set(network, one)
  }
  const key = (one: AddressState): string => {
    const network = networkOf(one)
    if (network === undefined) return `6 ${addressText(one)}`
    return `4 ${network} ${primaries.get(network) === one ? '' : addressText(one)}`
  }
  return addresses.toSorted((a, b) => byText(key(a), key(b)))
}

/** Its loopback device's addresses, its routes and its rules. `shown`: the devices of the document. */
export function exportInside(
  actual: Actual,
  place: Place,
  shown: ReadonlySet<Found>,
  scope: IpScopeOfExport,
  omitted: string[],
): { readonly lo: Fields; readonly routes?: readonly RouteState[]; readonly rules?: readonly object[] } {
  const { lo, netns } = place
  const where = netns === undefined ? '' : ` in ${netns}`
  const routes = routesOf(actual, place, shown, scope, omitted)
  const rules = place.ip.rules
    .filter(({ protocol }) => protocol === protocolOf(scope.set) || (scope.all && protocol !== 'kernel'))
    .flatMap((rule) => {
      const state = ruleNow(rule)
      if (!state) omitted.push(`rule ${rule.priority}${where}: documents cannot say it`)
      return state ?? []
    })
  return present({
    lo: lo ? exportDeviceIp(ipOf(place.ip, lo.ifindex), 'lo', false, scope) : {},
    routes: filled(routes),
    rules: filled(rules),
  })
}

/** Routes of the set; with `all` also those that people made, but not what protocols learnt. */
function routesOf(
  { devices }: Actual,
  { netns, lo, ip }: Place,
  shown: ReadonlySet<Found>,
  { set, all }: IpScopeOfExport,
  omitted: string[],
): RouteState[] {
  const here = devices.filter((one) => one.netns === netns)
  const nameOf = (ifindex: number): string | undefined =>
    ifindex === lo?.ifindex ? 'lo' : here.find(({ device }) => device.ifindex === ifindex)?.device.name
  return ip.routes.flatMap((route) => {
    const { protocol } = route
    const through = here.filter(({ device }) => route.nexthops.some(({ ifindex }) => ifindex === device.ifindex))
    const others = through.some(({ mark }) => mark !== undefined && mark.set !== set)
    const own = protocol === protocolOf(set) && !others
    if (!own && !(all && (protocol === 'boot' || protocol === 'static' || isSetProtocol(protocol)))) return []
    const state = routeNow(route, nameOf)
    const where = netns === undefined ? '' : ` in ${netns}`
    const hidden = through.find((one) => !shown.has(one))
    if (!state) omitted.push(`route ${route.dst}${where}: documents cannot say it`)
    else if (hidden) omitted.push(`route ${routeText(state)}${where}: ${hidden.device.name} is not in the document`)
    return state && !hidden ? [state] : []
  })
}
