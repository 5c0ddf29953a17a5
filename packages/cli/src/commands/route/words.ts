import { ROUTE_PROTOCOLS, ROUTE_TABLES, ROUTE_TYPES } from '@netkit/netlink'
import type { RouteOptions } from 'netkit'
import { destination, ipAddress, namedNumber } from '../../grammar/ip-values.ts'
import { UsageError } from '../../grammar/usage-error.ts'
import { deviceName, integer, words } from '../../grammar/values.ts'
import type { ArgsOf, Words } from '../../grammar/words.ts'
import { familyOf, familyWords, scope, scopeNumber } from '../addr/words.ts'
import type { Session } from '../session.ts'

const U32 = 0xffff_ffff
export const table = namedNumber(ROUTE_TABLES, 'TABLE', U32)

type RouteType = keyof typeof ROUTE_TYPES
const TYPES = Object.keys(ROUTE_TYPES) as RouteType[]

/** What kind of route it is, as a word of its own in front of the network, as with ip. */
const typeWords = Object.fromEntries(
  TYPES.map((type) => [type, { doc: `the same as type ${type}`, hidden: true }]),
) as {
  readonly [T in RouteType]: { readonly doc: string; readonly hidden: true }
}

const way = {
  via: { value: ipAddress(), doc: 'the router' },
  dev: { value: deviceName(), doc: 'the device that leads there' },
  onlink: { doc: "take the router to be on the device's link, whatever routes say" },
} satisfies Words

/** What can be said of a route. */
export const routeWords = {
  to: { value: destination(), positional: true, required: true, doc: "the network that it leads to, or 'default'" },
  ...way,
  nexthop: {
    section: { ...way, weight: { value: integer('N', 1, 256), doc: 'its share, among the others; default 1' } },
    multi: true,
    doc: 'one of several ways: via, dev, onlink, and weight N',
  },
  ...typeWords,
  type: {
    value: words(TYPES, 'TYPE'),
    doc: `${TYPES.join(', ')}; default unicast. The word alone will do, too`,
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
export function routeOptions(args: ArgsOf<typeof routeWords>, session: Pick<Session, 'options'>): RouteOptions {
  const { to, via, dev, onlink, nexthop, table, metric, src, proto, scope, tos, mtu } = args
  return {
    dst: to,
    family: familyOf(args, session),
    via,
    device: dev,
    onlink,
    nexthops: nexthop?.map((one) => ({ via: one.via, device: one.dev, onlink: one.onlink, weight: one.weight })),
    type: typeOf(args),
    table,
    metric,
    src,
    protocol: proto,
    scope: scopeNumber(scope),
    tos,
    mtu,
  }
}

/** The kind of route that was said, by either spelling; only one can be. */
function typeOf(args: { readonly [T in RouteType]?: true } & { readonly type?: RouteType }): RouteType | undefined {
  const said = TYPES.filter((type) => args[type])
  if (args.type) said.push(args.type)
  if (said.length > 1) throw new UsageError(`'${said[0]}' and '${said[1]}' exclude each other`)
  return said[0]
}
