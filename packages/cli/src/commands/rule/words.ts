import { IP_PROTOCOLS, ROUTE_PROTOCOLS } from '@netkit/netlink'
import { type PolicyAction, parsePrefix, type RuleOptions } from 'netkit'
import { namedNumber } from '../../grammar/ip-values.ts'
import { UsageError } from '../../grammar/usage-error.ts'
import type { Value } from '../../grammar/value.ts'
import { deviceName, integer, u32 } from '../../grammar/values.ts'
import type { ArgsOf, Words } from '../../grammar/words.ts'
import { familyOf, familyWords } from '../addr/words.ts'
import { table } from '../route/words.ts'
import type { Session } from '../session.ts'
import { masked, ports, realms, uidRange } from './values.ts'

/** A network, `all` or `default`, which stand for not saying any. */
const network: Value<string> = {
  name: 'PREFIX',
  allowed: "'all' or a network such as 10.0.0.0/8",
  source: ['all'],
  parse: (word) => (word === 'all' || word === 'default' ? 'all' : parsePrefix(word) && word),
}

/** What can be said of a rule. */
export const ruleWords = {
  not: { doc: 'all packets but those that are said' },
  from: { value: network, doc: 'where they come from' },
  to: { value: network, doc: 'where they go' },
  tos: { value: integer('TOS', 0, 255), aliases: ['dsfield'], doc: 'their type of service, without the bits of ECN' },
  dscp: { value: masked('DSCP', 63), doc: 'the same as a code point' },
  fwmark: { value: masked('MARK', 0xffff_ffff), doc: 'their mark, in the bits of a mask' },
  iif: {
    value: deviceName('DEV', 15),
    aliases: ['dev'],
    doc: "the device that received them; 'lo': those of this host",
  },
  oif: { value: deviceName('DEV', 15), doc: 'the device that their socket is bound to' },
  uidrange: { value: uidRange, doc: 'whose socket sends them' },
  ipproto: { value: namedNumber(IP_PROTOCOLS, 'PROTO', 255), doc: 'their protocol' },
  sport: { value: ports, doc: 'their source port' },
  dport: { value: ports, doc: 'their destination port' },
  tun_id: { value: u32('ID'), doc: 'the id of the tunnel that they came by' },
  priority: { value: u32('N'), aliases: ['preference', 'order'], doc: 'lesser ones are tried first' },
  table: { value: table, aliases: ['lookup'], doc: 'the table that is asked; default main' },
  l3mdev: { doc: "ask the table of the device's VRF" },
  goto: { value: u32('N'), doc: 'go on with the rule of this priority' },
  nop: { doc: 'do nothing' },
  blackhole: { doc: 'drop them without a word' },
  unreachable: { doc: 'say that the network cannot be reached' },
  prohibit: { doc: 'say that it is prohibited' },
  suppress_prefixlength: { value: integer('N', 0, 128), doc: 'do not take routes to prefixes so long or shorter' },
  suppress_ifgroup: { value: u32('GROUP'), doc: 'do not take routes through devices of this group' },
  realms: { value: realms, doc: 'realms of its routes (IPv4)' },
  protocol: { value: namedNumber(ROUTE_PROTOCOLS, 'PROTO', 255), aliases: ['proto'], doc: 'who makes it' },
  ...familyWords,
} satisfies Words

type Said = ArgsOf<typeof ruleWords>

const ENDS = ['nop', 'blackhole', 'unreachable', 'prohibit'] as const

/** What becomes of the packets, where it is said; only one thing can. */
function actionOf(args: Said): PolicyAction | undefined {
  const said = [...ENDS, 'goto', 'table', 'l3mdev'] as const
  const [first, second] = said.filter((word) => args[word] !== undefined)
  if (second !== undefined) throw new UsageError(`'${first}' and '${second}' exclude each other`)
  return first === 'l3mdev' ? 'table' : first
}

const networkOf = (word: string | undefined): string | undefined => (word === 'all' ? undefined : word)

/** What the SDK makes of it. */
export function ruleOptions(args: Said, session: Pick<Session, 'options'>): RuleOptions {
  const { not, tos, iif, oif, sport, dport, priority, table, goto, l3mdev, realms, protocol } = args
  return {
    family: familyOf(args, session),
    not,
    from: networkOf(args.from),
    to: networkOf(args.to),
    tos,
    dscp: args.dscp?.value,
    dscpMask: args.dscp?.mask,
    fwmark: args.fwmark?.value,
    fwmask: args.fwmark?.mask,
    iif,
    oif,
    uidRange: args.uidrange,
    ipProtocol: args.ipproto,
    sport,
    dport,
    tunId: args.tun_id === undefined ? undefined : BigInt(args.tun_id),
    priority,
    action: actionOf(args),
    table,
    goto,
    l3mdev,
    suppressPrefixLength: args.suppress_prefixlength,
    suppressGroup: args.suppress_ifgroup,
    realms,
    protocol,
  }
}
