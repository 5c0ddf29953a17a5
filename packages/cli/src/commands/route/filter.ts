import { ROUTE_PROTOCOLS, ROUTE_TYPES } from '@netkit/netlink'
import type { Route } from 'netkit'
import { contains, destination, ipAddress, namedNumber } from '../../grammar/ip-values.ts'
import { UsageError } from '../../grammar/usage-error.ts'
import { deviceName, words } from '../../grammar/values.ts'
import type { ArgsOf, Words } from '../../grammar/words.ts'
import { scope, scopeNumber } from '../addr/words.ts'

/** Which routes are meant. */
export const filterWords = {
  to: { value: destination(), positional: true, aliases: ['exact'], doc: 'only those to just this network' },
  root: { value: destination(), doc: 'only those to this network and to parts of it' },
  match: { value: destination(), doc: 'only those to networks that this one is in' },
  dev: { value: deviceName(), aliases: ['oif'], doc: 'only routes out of this device' },
  via: { value: ipAddress(), doc: 'only those behind this router' },
  src: { value: ipAddress(), doc: 'only those that send from this address' },
  proto: {
    value: namedNumber(ROUTE_PROTOCOLS, 'PROTO', 255),
    aliases: ['protocol'],
    doc: 'only those made by this',
  },
  type: {
    value: words(Object.keys(ROUTE_TYPES) as (keyof typeof ROUTE_TYPES)[], 'TYPE'),
    doc: 'only those of this type',
  },
  scope: { value: scope, doc: 'only those that reach so far (IPv4)' },
} satisfies Words

const ANY = { inet: '0.0.0.0/0', inet6: '::/0' } as const
const numberOf = (proto: keyof typeof ROUTE_PROTOCOLS | number): number =>
  typeof proto === 'number' ? proto : ROUTE_PROTOCOLS[proto]

/** Whether a route is meant. */
export function routeFilter(args: ArgsOf<typeof filterWords>): (route: Route) => boolean {
  const { to, root, match, via, src, proto, type } = args
  const [first, second] = (['to', 'root', 'match'] as const).filter((word) => args[word] !== undefined)
  if (second !== undefined) throw new UsageError(`'${first}' and '${second}' exclude each other`)
  const wanted = scopeNumber(args.scope)
  const tests: ((r: Route) => boolean)[] = []
  const network = (text: string, { family }: Route) => (text === 'default' ? ANY[family] : text)
  const within = (r: Route, outer: string) => contains(network(outer, r), network(r.dst, r))
  const around = (r: Route, inner: string) => contains(network(r.dst, r), network(inner, r))
  if (to !== undefined) tests.push((r) => within(r, to) && around(r, to))
  if (root !== undefined) tests.push((r) => within(r, root))
  if (match !== undefined) tests.push((r) => around(r, match))
  if (via !== undefined) tests.push((r) => r.nexthops.some(({ gateway }) => sameAddress(gateway, via)))
  if (src !== undefined) tests.push((r) => sameAddress(r.prefsrc, src))
  if (proto !== undefined) tests.push((r) => numberOf(r.protocol) === numberOf(proto))
  if (type !== undefined) tests.push((r) => r.type === type)
  if (wanted !== undefined) tests.push((r) => scopeNumber(r.scope) === wanted)
  return (route) => tests.every((test) => test(route))
}

const sameAddress = (one: string | undefined, other: string): boolean =>
  one !== undefined && contains(one, other) && contains(other, one)
