import { IP_PROTOCOLS, ROUTE_SCOPES, ROUTE_TABLES, ROUTE_TYPES } from '@netkit/netlink'
import * as z from 'zod'
import { about, deviceName, integer, U16, U32 } from './words.ts'

/** What a file may say of IP. The words are those of `ip`, with `-` for `_`; what the text of a value may be, `ip/` says. */

const keysOf = <T extends string>(names: Readonly<Record<T, number>>): T[] => Object.keys(names) as T[]

/** One of some names, or a number. */
const named = <T extends string>(names: readonly T[], max: number) => z.union([z.enum(names), integer(0, max)])

const text = z.string().min(1).max(64)
const seconds = integer(0, U32 - 1)
const scope = named(['global', ...keysOf(ROUTE_SCOPES).filter((name) => name !== 'universe')], 255)
const table = named(keysOf(ROUTE_TABLES), U32)
const family = z.enum(['inet', 'inet6'])

const address = z
  .strictObject({
    address: text.meta({ description: 'The address and the length of its network.', examples: ['10.0.0.1/24'] }),
    peer: about(text, 'The other end of a link between two; with a length, that of the network.', '10.0.0.2/32'),
    broadcast: about(text, "Broadcast address; '+' for the last one of the network. IPv4. Default: none.", '+'),
    label: about(z.string().min(1).max(15), "A name for it: the device's, or that with a suffix. IPv4.", 'eth0:web'),
    scope: about(scope, 'How far it reaches. IPv4. Default: host for loopback addresses, otherwise global.'),
    metric: about(integer(1, U32), 'Metric of the route to its network.', 100),
    'valid-lft': about(seconds, 'Seconds until it ends. Default: no end.'),
    'preferred-lft': about(seconds, 'Seconds until it is not used for what is new. Default: valid-lft.', 0),
    nodad: about(z.boolean(), 'Do not look for others that have it. IPv6.'),
    noprefixroute: about(z.boolean(), 'Make no route to its network.'),
  })
  .meta({ description: 'An address, and more about it.' })

export const addresses = about(
  z.array(z.union([text.meta({ description: 'An address and the length of its network.' }), address])),
  'Its IP addresses, all of them but those that the kernel makes. Of one network, the first is the primary.',
  ['10.0.0.1/24', { address: '2001:db8::1/64', nodad: true }],
)

const neighbour = z
  .strictObject({
    to: text.meta({ description: 'Its IP address.', examples: ['10.0.0.9'] }),
    lladdr: about(text, 'Its hardware address.', '02:00:00:00:00:09'),
    router: about(z.boolean(), 'It forwards.'),
    'extern-learn': about(z.boolean(), 'Something outside of the kernel learnt it.'),
    proxy: about(z.boolean(), 'Answer for the address in the place of others; without lladdr.'),
  })
  .meta({ description: 'A neighbour that nobody has to be asked for.' })

export const neighbours = about(
  z.array(neighbour),
  'Neighbours whose hardware address is known for good, and addresses that are answered for; all of them.',
  [{ to: '10.0.0.9', lladdr: '02:00:00:00:00:09' }],
)

const way = {
  via: about(text, 'Address of the router.', '10.0.0.254'),
  dev: about(deviceName, 'Name of the device, in this namespace. Default: that behind which the router is.', 'eth0'),
  onlink: about(z.boolean(), "Take the router to be on the device's link, whatever routes say."),
}

const nexthop = z
  .strictObject({ ...way, weight: about(integer(1, 256), 'Its share, among the others. Default: 1.') })
  .meta({ description: 'One of several ways.' })

const route = z
  .strictObject({
    to: text.meta({
      description:
        "The network that it leads to. 'default' is of IPv4 unless via says otherwise; ::/0 is that of IPv6.",
      examples: ['default', '10.1.0.0/16'],
    }),
    ...way,
    nexthops: about(z.array(nexthop).min(2), 'Several ways instead of one.'),
    type: about(z.enum(keysOf(ROUTE_TYPES)), 'Default: unicast.', 'blackhole'),
    table: about(table, 'Default: main, or local for the types local, broadcast and anycast.', 100),
    metric: about(integer(0, U32), 'The least wins. Default: none; 1024 of IPv6.', 100),
    src: about(text, 'The address that packets are sent from.', '10.0.0.1'),
    scope: about(scope, 'How far it reaches. IPv4. Default: by type and way.'),
    tos: about(integer(0, 255), 'Only packets with this type of service. IPv4.'),
    mtu: about(integer(0, U32), 'Bytes of the largest packet on this way.', 1400),
  })
  .meta({ description: 'A route.' })

const rangeText = z.union([integer(1, U16), text])

const rule = z
  .strictObject({
    priority: integer(0, U32).meta({ description: 'Lesser ones are tried first.', examples: [100] }),
    family: about(family, 'Default: that of from or to, otherwise inet.'),
    not: about(z.boolean(), 'All packets but those that are said.'),
    from: about(text, 'The network that they come from.', '10.1.0.0/16'),
    to: about(text, 'The network that they go to.'),
    tos: about(integer(0, 255), 'Their type of service, without the bits of ECN.'),
    dscp: about(integer(0, 63), 'The same as a code point. Linux 6.14.'),
    fwmark: about(integer(0, U32), 'Their mark, in the bits of fwmask.', 16),
    fwmask: about(integer(0, U32), 'Bits of the mark that count. Default: all.', 240),
    iif: about(deviceName, 'The device that received them; lo: those of the host.'),
    oif: about(deviceName, 'The device that their socket is bound to.'),
    uidrange: about(text, 'Whose socket sends them.', '1000-1999'),
    ipproto: about(named(keysOf(IP_PROTOCOLS), 255), 'Their protocol.', 'tcp'),
    sport: about(rangeText, 'Their source port, or a range.', 80, '1000-2000'),
    dport: about(rangeText, 'Their destination port, or a range.', 80, '1000-2000'),
    table: about(table, 'The table that is asked. Default: main, where nothing else is to be done.', 100),
    goto: about(integer(1, U32), 'Go on with the rule of this priority.'),
    action: about(z.enum(['nop', 'blackhole', 'unreachable', 'prohibit']), 'What becomes of them instead.'),
    l3mdev: about(z.boolean(), "Ask the table of the device's VRF."),
    'suppress-prefixlength': about(integer(0, 128), 'Do not take routes to prefixes so long or shorter.', 0),
    'suppress-ifgroup': about(integer(0, U32 - 1), 'Do not take routes through devices of this group.'),
  })
  .meta({ description: 'A policy rule: which table is asked for the routes of which packets.' })

export const routes = about(z.array(route), "The set's routes in this namespace, all of them.", [
  { to: 'default', via: '10.0.0.254' },
])
export const rules = about(z.array(rule), "The set's policy rules in this namespace, all of them.", [
  { priority: 100, from: '10.1.0.0/16', table: 100 },
])

export type AddressEntry = z.infer<typeof address>
export type NeighbourEntry = z.infer<typeof neighbour>
export type NexthopEntry = z.infer<typeof nexthop>
export type RouteEntry = z.infer<typeof route>
export type RuleEntry = z.infer<typeof rule>
