import {
  decodeAttrs,
  FIB_RULE_IIF_DETACHED,
  FIB_RULE_INVERT,
  FIB_RULE_OIF_DETACHED,
  FIB_RULE_UNRESOLVED,
  IP_PROTOCOLS,
  ipText,
  NLM_F_CREATE,
  NLM_F_EXCL,
  ROUTE_PROTOCOLS,
  ROUTE_TABLES,
  RT_RULE,
  RULE,
  RULE_ACTIONS,
  type RuleAttrs,
} from '@netkit/netlink'
import { InputError } from '../input/input-error.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import type { Reply } from '../request/exchange.ts'
import { familyName, familyNumber, type IpFamily, type Prefix, prefixOf } from './prefix.ts'
import { nameIn, protocolNumber, type RouteProtocol, type RouteTableName, tableNumber } from './routes.ts'

/** What a rule does with packets: ask a table, go on with another rule, nothing, or end them. */
export type PolicyAction = keyof typeof RULE_ACTIONS
/** How a rule is now: it applies to all packets but those that are said, its goto leads nowhere, its device is not there. */
export type RuleFlag = 'not' | 'unresolved' | 'iif-detached' | 'oif-detached'

/** Ports from 1 to 65535: one, those from one to another, or those with some bits of one. */
export interface RulePorts {
  readonly first: number
  /** Default: `first`. */
  readonly last?: number
  /** Bits that are compared. Linux 6.15. Default: all. */
  readonly mask?: number
}

/** User ids, both inclusive. */
export interface UidRange {
  readonly start: number
  readonly end: number
}

/** What a rule can say of packets and of what becomes of them. */
interface RuleWords {
  /** Packets with this mark, in the bits of `fwmask`. */
  readonly fwmark?: number
  readonly fwmask?: number
  /** Packets that a device received; `lo`: those that the host sends itself. */
  readonly iif?: string
  /** Packets of sockets that are bound to a device. */
  readonly oif?: string
  readonly uidRange?: UidRange
  readonly sport?: RulePorts
  readonly dport?: RulePorts
  readonly tunId?: bigint
  /** 0 to 63. IPv4 and IPv6. Linux 6.14. */
  readonly dscp?: number
  readonly dscpMask?: number
  /** Ask the table of the device's VRF. */
  readonly l3mdev?: boolean
  /** Priority of the rule to go on with; greater than its own. */
  readonly goto?: number
  /** Routes whose prefix is so long or shorter do not count. */
  readonly suppressPrefixLength?: number
  /** Routes through devices of this group do not count. */
  readonly suppressGroup?: number
  /** Realms of routes, source in the upper 16 bits. IPv4. */
  readonly realms?: number
}

/** A policy rule, as the kernel described it: which table is asked for the routes of which packets. */
export interface Rule extends RuleWords {
  readonly family: IpFamily
  /** Lesser ones are tried first. */
  readonly priority: number
  readonly action: PolicyAction | number
  /** 0: none. */
  readonly table: RouteTableName
  /** With their lengths. */
  readonly from: string | undefined
  readonly to: string | undefined
  readonly tos: number
  readonly ipProtocol: keyof typeof IP_PROTOCOLS | number | undefined
  readonly protocol: RouteProtocol
  readonly flags: readonly RuleFlag[]
  /** The attributes as they came. */
  readonly attrs: RuleAttrs
}

export interface RuleOptions extends Where, RuleWords {
  /** Default: that of `from` or `to`; else IPv4. */
  readonly family?: IpFamily
  /** Default when adding: one less than that of the second rule. */
  readonly priority?: number
  /** All packets but those that are said. Default: false. */
  readonly not?: boolean
  /** Networks; without a length one address. */
  readonly from?: string
  readonly to?: string
  /** Type of service, without the two bits of ECN. */
  readonly tos?: number
  readonly ipProtocol?: keyof typeof IP_PROTOCOLS | number
  /** Default when adding: `goto` if it is said, otherwise `table`. */
  readonly action?: PolicyAction | number
  /** Default when adding, where a table is asked: `main`. */
  readonly table?: RouteTableName
  /** Who makes it. Default: `unspec`. */
  readonly protocol?: RouteProtocol
}

export interface ListRulesOptions extends Where {
  /** Default: `inet`. */
  readonly family?: IpFamily
  /** Only those that ask this table. */
  readonly table?: RouteTableName
  /** Only those that were made by this. */
  readonly protocol?: RouteProtocol
}

const HEADER = 12
const ALL_BITS = 0xffff_ffff
const ALL_PORT_BITS = 0xffff
const ALL_DSCP_BITS = 0x3f

const FLAGS: Readonly<Record<RuleFlag, number>> = {
  not: FIB_RULE_INVERT,
  unresolved: FIB_RULE_UNRESOLVED,
  'iif-detached': FIB_RULE_IIF_DETACHED,
  'oif-detached': FIB_RULE_OIF_DETACHED,
}

/** Reads RTM_NEWRULE and RTM_DELRULE. */
function decodeRule({ data, start, end }: Reply): Rule {
  const at = start + 16
  const attrs = decodeAttrs(RULE, data, at + HEADER, end)
  const flags = data.u32(at + 8)
  const { fwmask, suppressPrefixlen, suppressIfgroup, ipProto, dscpMask } = attrs
  return {
    family: familyName(data.u8(at)),
    priority: attrs.priority ?? 0,
    action: nameIn(RULE_ACTIONS, data.u8(at + 7)),
    table: nameIn(ROUTE_TABLES, attrs.table ?? data.u8(at + 4)),
    from: attrs.src && `${attrs.src}/${data.u8(at + 2)}`,
    to: attrs.dst && `${attrs.dst}/${data.u8(at + 1)}`,
    tos: data.u8(at + 3),
    dscp: attrs.dscp,
    dscpMask: dscpMask === ALL_DSCP_BITS ? undefined : dscpMask,
    fwmark: attrs.fwmark ?? (fwmask === undefined ? undefined : 0),
    fwmask: fwmask === ALL_BITS ? undefined : fwmask,
    iif: attrs.iifname,
    oif: attrs.oifname,
    l3mdev: attrs.l3mdev === 1,
    uidRange: attrs.uidRange && { start: attrs.uidRange.start ?? 0, end: attrs.uidRange.end ?? ALL_BITS },
    ipProtocol: ipProto === undefined ? undefined : nameIn(IP_PROTOCOLS, ipProto),
    sport: portsFrom(attrs.sportRange, attrs.sportMask),
    dport: portsFrom(attrs.dportRange, attrs.dportMask),
    tunId: attrs.tunId,
    goto: attrs.goto,
    suppressPrefixLength: suppressPrefixlen === ALL_BITS ? undefined : suppressPrefixlen,
    suppressGroup: suppressIfgroup === ALL_BITS ? undefined : suppressIfgroup,
    realms: attrs.flow,
    protocol: nameIn(ROUTE_PROTOCOLS, attrs.protocol ?? 0),
    flags: (Object.keys(FLAGS) as RuleFlag[]).filter((flag) => (flags & FLAGS[flag]) !== 0),
    attrs,
  }
}

function portsFrom(range: RuleAttrs['sportRange'], mask: number | undefined): RulePorts | undefined {
  if (range === undefined) return undefined
  const { start: first = 0, end: last = 0 } = range
  return { first, last, mask: mask === ALL_PORT_BITS ? undefined : mask }
}

/** Policy rules: `kernel.rules`. Each call acts in the namespace `in`, by default the client's own. */
export class Rules {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** The rules of a family, in the order in which they are tried. */
  list(options: ListRulesOptions = {}): Promise<Rule[]> {
    const { family = 'inet', table, protocol, signal } = options
    return this.#places.with(options.in, async (scope) => {
      const header = { family: familyNumber(family) }
      const replies = await scope.routeDump(RT_RULE.getrule, header, {}, { op: 'rule list', signal })
      return replies
        .map(decodeRule)
        .filter(
          (rule) =>
            (table === undefined || tableNumber(rule.table) === tableNumber(table)) &&
            (protocol === undefined || protocolNumber(rule.protocol) === protocolNumber(protocol)),
        )
    })
  }

  /** Makes a rule, behind those of the same priority. Rejects with KernelError EEXIST where there is the same one. */
  add(options: RuleOptions): Promise<void> {
    const op = 'rule add'
    const action = options.action ?? (options.goto === undefined ? 'table' : 'goto')
    const table = options.table ?? (action === 'table' && !options.l3mdev ? 'main' : undefined)
    return this.#change(op, NLM_F_CREATE | NLM_F_EXCL, { ...options, action, table })
  }

  /** Removes the first rule that is as said; what is not said may be anything. KernelError ENOENT where there is none. */
  remove(options: RuleOptions): Promise<void> {
    const action = options.action ?? (options.goto === undefined ? undefined : 'goto')
    return this.#change('rule remove', undefined, { ...options, action })
  }

  #change(op: string, flags: number | undefined, o: RuleOptions): Promise<void> {
    const { header, attrs } = message(op, o)
    const kind = flags === undefined ? RT_RULE.delrule : RT_RULE.newrule
    return this.#places.with(o.in, async (scope) => {
      await scope.routeCall(kind, flags ?? 0, header, attrs, { op, signal: o.signal })
    })
  }
}

function message(op: string, o: RuleOptions) {
  const [from, to] = [prefixIn(op, 'from', o.from), prefixIn(op, 'to', o.to)]
  const family = o.family ?? from?.family ?? to?.family ?? 'inet'
  for (const [option, prefix] of Object.entries({ from, to })) {
    if (prefix && prefix.family !== family) throw new InputError(op, option, `must be of ${family}, like the rule`)
  }
  const table = tableNumber(o.table ?? 0)
  const header = {
    family: familyNumber(family),
    srcLength: from?.length ?? 0,
    dstLength: to?.length ?? 0,
    tos: o.tos ?? 0,
    table: table < 256 ? table : 0,
    action: typeof o.action === 'string' ? RULE_ACTIONS[o.action] : (o.action ?? 0),
    flags: o.not ? FIB_RULE_INVERT : 0,
  }
  const attrs: RuleAttrs = {
    ...selectors(o),
    src: from && from.length > 0 ? ipText(from.bytes) : undefined,
    dst: to && to.length > 0 ? ipText(to.bytes) : undefined,
    priority: o.priority,
    table: table < 256 ? undefined : table,
    goto: o.goto,
    l3mdev: o.l3mdev ? 1 : undefined,
    suppressPrefixlen: o.suppressPrefixLength,
    suppressIfgroup: o.suppressGroup,
    flow: o.realms,
    protocol: o.protocol === undefined ? undefined : protocolNumber(o.protocol),
  }
  return { header, attrs }
}

const prefixIn = (op: string, option: string, text: string | undefined): Prefix | undefined =>
  text === undefined ? undefined : prefixOf(op, option, text)

/** Which packets are meant, besides their addresses. */
const selectors = (o: RuleOptions): RuleAttrs => ({
  fwmark: o.fwmark,
  fwmask: o.fwmask,
  iifname: o.iif,
  oifname: o.oif,
  uidRange: o.uidRange,
  ipProto: typeof o.ipProtocol === 'string' ? IP_PROTOCOLS[o.ipProtocol] : o.ipProtocol,
  sportRange: o.sport && { start: o.sport.first, end: o.sport.last ?? o.sport.first },
  sportMask: o.sport?.mask,
  dportRange: o.dport && { start: o.dport.first, end: o.dport.last ?? o.dport.first },
  dportMask: o.dport?.mask,
  tunId: o.tunId,
  dscp: o.dscp,
  dscpMask: o.dscpMask,
})
