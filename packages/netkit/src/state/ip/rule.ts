import { IP_PROTOCOLS, ipText } from '@netkit/netlink'
import { InputError, shown } from '../../input/input-error.ts'
import { type IpFamily, type Prefix, prefixOf } from '../../ip/prefix.ts'
import { nameIn, type RouteTableName } from '../../ip/routes.ts'
import type { PolicyAction, Rule, RuleOptions, RulePorts, UidRange } from '../../ip/rules.ts'
import type { RuleState } from '../schema/schema.ts'
import { tableName } from './names.ts'
import { fieldsText, present } from './text.ts'

const OP = 'rule'
const ALL_BITS = 0xffff_ffff
const MOST_PORT = 0xffff

/** A rule in the one form in which it is compared: what goes without saying is left out. Throws InputError. */
export function plainRule(said: RuleState): RuleState {
  const [from, to] = [networkIn('from', said.from), networkIn('to', said.to)]
  const family = said.family ?? from?.family ?? to?.family ?? 'inet'
  for (const [field, prefix] of Object.entries({ from, to }))
    if (prefix && prefix.family !== family) throw new InputError(OP, field, `must be of ${family}, like the rule`)
  const ends = (['table', 'goto', 'action', 'l3mdev'] as const).filter((field) => said[field])
  if (ends.length > 1) throw new InputError(OP, ends[1], `must be absent: ${ends[0]} says what becomes of the packets`)
  const asks = ends.length === 0 || said.table !== undefined
  const table = said.table === undefined ? 'main' : tableName(said.table)
  const inferred: IpFamily = networkText(from) || networkText(to) ? family : 'inet'
  return present({
    priority: said.priority,
    family: family === inferred ? undefined : family,
    not: said.not || undefined,
    from: networkText(from),
    to: networkText(to),
    tos: said.tos || undefined,
    dscp: said.dscp,
    fwmark: said.fwmark,
    fwmask: said.fwmask === ALL_BITS ? undefined : said.fwmask,
    iif: said.iif,
    oif: said.oif,
    uidrange: said.uidrange === undefined ? undefined : uidText(uidsOf(said.uidrange)),
    ipproto: typeof said.ipproto === 'number' ? nameIn(IP_PROTOCOLS, said.ipproto) : said.ipproto,
    sport: said.sport === undefined ? undefined : portsText(portsOf('sport', said.sport)),
    dport: said.dport === undefined ? undefined : portsText(portsOf('dport', said.dport)),
    table: asks && table !== 'main' ? table : undefined,
    goto: said.goto,
    action: said.action,
    l3mdev: said.l3mdev || undefined,
    'suppress-prefixlength': said['suppress-prefixlength'],
    'suppress-ifgroup': said['suppress-ifgroup'],
  })
}

const networkIn = (field: string, text: string | undefined): Prefix | undefined =>
  text === undefined ? undefined : prefixOf(OP, field, text)

const networkText = (prefix: Prefix | undefined): string | undefined =>
  prefix && prefix.length > 0 ? `${ipText(prefix.bytes)}/${prefix.length}` : undefined

/** A range such as `1000-1999`. Throws InputError. */
function rangeOf(field: string, text: string, max: number, example: string): [first: number, last: number] {
  const [, first, last] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(text) ?? []
  const range: [number, number] = [Number(first), Number(last ?? first)]
  if (first !== undefined && range[0] <= range[1] && range[1] <= max) return range
  throw new InputError(OP, field, `must be a range like ${example}, up to ${max}, not ${shown(text)}`)
}

function portsOf(field: string, said: string | number): RulePorts {
  const [first, last] = rangeOf(field, String(said), MOST_PORT, '1000-2000')
  if (first === 0) throw new InputError(OP, field, 'must begin with 1 or more')
  return { first, last }
}

function uidsOf(text: string): UidRange {
  const [start, end] = rangeOf('uidrange', text, ALL_BITS, '1000-1999')
  return { start, end }
}

const uidText = ({ start, end }: UidRange): string => `${start}-${end}`
const portsText = ({ first, last = first }: RulePorts): string | number => (first === last ? first : `${first}-${last}`)

const ENDS: readonly (PolicyAction | number)[] = ['nop', 'blackhole', 'unreachable', 'prohibit']

/** A rule that is there; undefined where a document cannot say it. */
export function ruleNow(rule: Rule): RuleState | undefined {
  const { action, sport, dport, uidRange } = rule
  const ends = ENDS.includes(action)
  if (!ends && action !== 'table' && action !== 'goto') return undefined
  const odd = rule.tunId ?? rule.realms ?? rule.dscpMask ?? sport?.mask ?? dport?.mask
  if (odd !== undefined) return undefined
  return plainRule({
    priority: rule.priority,
    family: rule.family,
    not: rule.flags.includes('not'),
    from: rule.from,
    to: rule.to,
    tos: rule.tos,
    dscp: rule.dscp,
    fwmark: rule.fwmark,
    fwmask: rule.fwmask,
    iif: rule.iif,
    oif: rule.oif,
    uidrange: uidRange && uidText(uidRange),
    ipproto: rule.ipProtocol as RuleState['ipproto'],
    sport: sport && portsText(sport),
    dport: dport && portsText(dport),
    table: action === 'table' && !rule.l3mdev ? rule.table : undefined,
    goto: rule.goto,
    action: ends ? (action as RuleState['action']) : undefined,
    l3mdev: rule.l3mdev,
    'suppress-prefixlength': rule.suppressPrefixLength,
    'suppress-ifgroup': rule.suppressGroup,
  })
}

export const ruleKey = (plain: RuleState): string => JSON.stringify(plain)

/** The family of a rule: that of its networks, otherwise what is said. */
const ruleFamily = ({ family, from, to }: RuleState): IpFamily =>
  family ?? ((from ?? to ?? '').includes(':') ? 'inet6' : 'inet')

/** What the SDK makes of it. */
export function ruleOptions(plain: RuleState, protocol: number): RuleOptions {
  const asks = !plain.goto && !plain.action && !plain.l3mdev
  return {
    priority: plain.priority,
    family: ruleFamily(plain),
    not: plain.not,
    from: plain.from,
    to: plain.to,
    tos: plain.tos,
    dscp: plain.dscp,
    fwmark: plain.fwmark,
    fwmask: plain.fwmask,
    iif: plain.iif,
    oif: plain.oif,
    uidRange: plain.uidrange === undefined ? undefined : uidsOf(plain.uidrange),
    ipProtocol: plain.ipproto,
    sport: plain.sport === undefined ? undefined : portsOf('sport', plain.sport),
    dport: plain.dport === undefined ? undefined : portsOf('dport', plain.dport),
    table: asks ? ((plain.table as RouteTableName) ?? 'main') : undefined,
    goto: plain.goto,
    action: plain.action ?? (plain.goto ? 'goto' : 'table'),
    l3mdev: plain.l3mdev,
    suppressPrefixLength: plain['suppress-prefixlength'],
    suppressGroup: plain['suppress-ifgroup'],
    protocol,
  }
}

/** `priority 100 from 10.1.0.0/16 table 100` */
export const ruleText = (plain: RuleState): string => fieldsText(plain).trimStart()
