import { ROUTE_PROTOCOLS, ROUTE_TABLES, ROUTE_TYPES } from '@netkit/netlink'
import type { RouteOptions } from 'netkit'
import { destination, ipAddress, namedNumber } from '../../grammar/ip-values.ts'
import { deviceName, integer, words } from '../../grammar/values.ts'
import type { ArgsOf, Words } from '../../grammar/words.ts'
import { familyOf, familyWords, scope, scopeNumber } from '../addr/words.ts'

const U32 = 0xffff_ffff
export const table = namedNumber(ROUTE_TABLES, 'TABLE', U32)

/** What can be said of a route. */
export const routeWords = {
  to: { value: destination(), positional: true, required: true, doc: "the network that it leads to, or 'default'" },
  via: { value: ipAddress(), doc: 'the router' },
  dev: { value: deviceName(), doc: 'the device that leads there' },
  onlink: { doc: "take the router to be on the device's link, whatever routes say" },
  type: {
    value: words(Object.keys(ROUTE_TYPES) as (keyof typeof ROUTE_TYPES)[], 'TYPE'),
    doc: 'unicast (default), local, broadcast, anycast, multicast, blackhole, unreachable, prohibit or throw',
  },
  table: { value: table, doc: 'default main' },
  metric: { value: integer('METRIC', 0, U32), aliases: ['preference', 'priority'], doc: 'the least wins' },
  src: { value: ipAddress(), doc: 'the address that packets are sent from' },
  proto: {
    value: namedNumber(ROUTE_PROTOCOLS, 'PROTO', 255),
    aliases: ['protocol'],
    doc: 'who makes it; default boot',
  },
  scope: { value: scope, doc: 'how far it reaches (IPv4)' },
  tos: { value: integer('TOS', 0, 255), aliases: ['dsfield'], doc: 'only packets with this type of service (IPv4)' },
  mtu: { value: integer('MTU', 0, U32), doc: 'largest packet on this way' },
  ...familyWords,
} satisfies Words

/** What the SDK makes of it. */
export function routeOptions(args: ArgsOf<typeof routeWords>): RouteOptions {
  const { to, via, dev, onlink, type, table, metric, src, proto, scope, tos, mtu } = args
  return {
    dst: to,
    family: familyOf(args),
    via,
    device: dev,
    onlink,
    type,
    table,
    metric,
    src,
    protocol: proto,
    scope: scopeNumber(scope),
    tos,
    mtu,
  }
}
