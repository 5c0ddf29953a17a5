import { AF_INET } from '@netkit/netlink'
import type { Kernel } from '../kernel.ts'
import type { Device } from '../net/device.ts'
import { IpSettings } from '../net/ip-settings.ts'
import type { NetNamespace } from '../net/namespace.ts'
import { NUD_PERMANENT, UPDATE_ADMIN, UPDATE_OVERRIDE } from '../net/neighbour-states.ts'
import type { ProxyNeighbour } from '../net/proxies.ts'
import type { FamilyRoutes, Rule } from '../net/route.ts'
import { TcpSettings } from '../net/tcp-settings.ts'
import { type Fields, fieldsToPlain, fillFields, fromPlain, type Resolver, toPlain } from './plain.ts'
import type { IpLine } from './snapshot-lines.ts'

/** A neighbour as an administrator made it; addresses are four words. */
interface KeptNeighbour {
  readonly v6: boolean
  readonly dev: Device
  readonly key: Int32Array
  readonly address: Uint8Array
  readonly flags: number
  readonly extFlags: number
  readonly protocol: number
}

/** Absent: on every device. */
type KeptProxy = Pick<KeptNeighbour, 'v6' | 'key' | 'flags' | 'protocol'> & {
  readonly dev: Device | undefined
  readonly permanent: boolean
}

/** What is kept apart, and what only the moment says. */
const NOT_SET: ReadonlySet<string> = new Set(['tcp', 'icmpTokens', 'icmpLast'])

/** Settings that are not as in a new namespace. */
function settingsOf(settings: object, like: object, path: string): Fields | undefined {
  const usual = fieldsToPlain(like, path, NOT_SET)
  const set = Object.entries(fieldsToPlain(settings, path, NOT_SET)).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(usual[key]),
  )
  return set.length > 0 ? Object.fromEntries(set) : undefined
}

/** Rules that a namespace begins with. IPv6 has none for the table `default`. */
const bornRules = ({ family }: FamilyRoutes): number => (family === AF_INET ? 3 : 2)

function rulesOf(routes: FamilyRoutes): NonNullable<IpLine['rules']> {
  if (!routes.ruled && routes.rules.length === bornRules(routes)) return []
  return [[routes.family, routes.ruled, routes.rules.map((rule) => toPlain(rule))]]
}

const FAMILIES = [false, true] as const

/** Those that stay by themselves: what was learnt is learnt again. */
const neighboursOf = (kernel: Kernel, ns: NetNamespace): KeptNeighbour[] =>
  FAMILIES.flatMap((v6) =>
    kernel
      .neighbours(v6)
      .map.of(ns)
      .filter(({ state }) => state === NUD_PERMANENT)
      .map(({ dev, key, address, flags, extFlags, protocol }) => ({
        v6,
        dev,
        key,
        address,
        flags,
        extFlags,
        protocol,
      })),
  )

const proxyFields = ({ dev, key, flags, protocol, permanent }: ProxyNeighbour) => ({
  dev,
  key,
  flags,
  protocol,
  permanent,
})

const proxiesOf = (kernel: Kernel, ns: NetNamespace): KeptProxy[] =>
  FAMILIES.flatMap((v6) =>
    kernel
      .neighbours(v6)
      .proxies.of(ns)
      .map((proxy) => ({ v6, ...proxyFields(proxy) })),
  )

const present = <T>(list: readonly T[]): readonly T[] | undefined => (list.length > 0 ? list : undefined)

/** What was set of IP in a namespace, but for routes; undefined: nothing. */
export function saveIp(kernel: Kernel, ns: NetNamespace): IpLine | undefined {
  const { tcp } = ns.settings
  const said = {
    settings: settingsOf(ns.settings, new IpSettings(), 'settings'),
    tcp: settingsOf(tcp, new TcpSettings(), 'tcp'),
    rules: present([ns.ip.v4, ns.ip.v6].flatMap(rulesOf)),
    neighbours: present(neighboursOf(kernel, ns).map((one) => toPlain(one))),
    proxies: present(proxiesOf(kernel, ns).map((one) => toPlain(one))),
  }
  return Object.values(said).some((part) => part !== undefined) ? { ip: ns.inode, ...said } : undefined
}

/** Brings it back, when devices and routes are there. */
export function restoreIp(kernel: Kernel, line: IpLine, resolver: Resolver): void {
  const ns = resolver.namespace(line.ip)
  fillFields(ns.settings, line.settings ?? {}, resolver)
  fillFields(ns.settings.tcp, line.tcp ?? {}, resolver)
  for (const [family, ruled, plain] of line.rules ?? []) {
    const routes = family === AF_INET ? ns.ip.v4 : ns.ip.v6
    const rules = plain.map((rule) => fromPlain(rule, resolver) as Rule)
    routes.rules.splice(0, routes.rules.length, ...rules)
    routes.ruled = ruled
  }
  for (const plain of line.neighbours ?? []) restoreNeighbour(kernel, fromPlain(plain, resolver) as KeptNeighbour)
  for (const plain of line.proxies ?? []) {
    const { v6, dev, key, ...marks } = fromPlain(plain, resolver) as KeptProxy
    Object.assign(kernel.neighbours(v6).proxies.get(ns, dev, key), marks)
  }
}

function restoreNeighbour(kernel: Kernel, { v6, dev, key, address, ...marks }: KeptNeighbour): void {
  const table = kernel.neighbours(v6)
  const neighbour = table.get(dev, key)
  if (!neighbour) return
  Object.assign(neighbour, marks)
  table.update(neighbour, address, NUD_PERMANENT, UPDATE_ADMIN | UPDATE_OVERRIDE)
}
