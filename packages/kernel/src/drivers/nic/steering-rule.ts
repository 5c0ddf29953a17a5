import {
  FLOW_ETHER,
  FLOW_IP4,
  FLOW_IP6,
  FLOW_TCP4,
  FLOW_TCP6,
  FLOW_UDP4,
  FLOW_UDP6,
  KEY_DESTINATION,
  KEY_ETHERTYPE,
  KEY_MACS,
  KEY_PORTS,
  KEY_PROTOCOL,
  KEY_SOURCE,
  KEY_TOS,
  KEY_WORDS,
} from '../../packet/flow-key.ts'

/** Action of a rule that throws its frames away. */
export const DISCARD = -1

/** Special locations. Source: uapi RX_CLS_LOC_*. */
export const LOCATION_ANY = 0xffffffff
export const LOCATION_FIRST = 0xfffffffe
export const LOCATION_LAST = 0xfffffffd
export const isSpecialLocation = (location: number): boolean => location > 0x7fffffff

/** One n-tuple rule: frames of a flow type whose fields agree go to a ring. */
export interface FlowRule {
  /** FLOW_TCP4 … FLOW_ETHER. */
  type: number
  /** Place in the table, or a special location. Lower places win. */
  location: number
  /** Ring, or DISCARD. With a context: what is added to the context's queue. */
  action: number
  /** RSS context that picks the queue; undefined for none. Context 0 is the device's own. */
  context?: number
  /** Wanted fields and which of their bits count, in the words of a flow key. */
  value: Int32Array
  mask: Int32Array
}

/** A rule that matches every frame of its type, to be filled in. */
export const flowRule = (type: number, action: number, location = LOCATION_ANY): FlowRule => ({
  type,
  location,
  action,
  value: new Int32Array(KEY_WORDS),
  mask: new Int32Array(KEY_WORDS),
})

/** A field that rules of some types can match: `bytes` of it at `at` in ethtool's flow union, at word `word` of a flow key.
 *  Fields of 4 bytes and more fill words, in network order. */
export interface RuleField {
  readonly at: number
  readonly bytes: number
  readonly word: number
}

const field = (at: number, bytes: number, word: number): RuleField => ({ at, bytes, word })

const IP4_ADDRESSES = [field(0, 4, KEY_SOURCE), field(4, 4, KEY_DESTINATION)]
const IP6_ADDRESSES = [field(0, 16, KEY_SOURCE), field(16, 16, KEY_DESTINATION)]
const IP4_PORTS = [...IP4_ADDRESSES, field(8, 4, KEY_PORTS), field(12, 1, KEY_TOS)]
const IP6_PORTS = [...IP6_ADDRESSES, field(32, 4, KEY_PORTS), field(36, 1, KEY_TOS)]

/** Fields by flow type; other types are not supported. Layout: uapi ethtool_tcpip4_spec, ethtool_usrip4_spec,
 *  ethtool_tcpip6_spec, ethtool_usrip6_spec, ethhdr. */
export const RULE_FIELDS: ReadonlyMap<number, readonly RuleField[]> = new Map([
  [FLOW_TCP4, IP4_PORTS],
  [FLOW_UDP4, IP4_PORTS],
  [FLOW_TCP6, IP6_PORTS],
  [FLOW_UDP6, IP6_PORTS],
  [FLOW_IP4, [...IP4_ADDRESSES, field(12, 1, KEY_TOS), field(14, 1, KEY_PROTOCOL)]],
  [FLOW_IP6, [...IP6_ADDRESSES, field(36, 1, KEY_TOS), field(37, 1, KEY_PROTOCOL)]],
  [FLOW_ETHER, [field(0, 12, KEY_MACS), field(12, 2, KEY_ETHERTYPE)]],
])

/** Words of a flow key that rules of a type can look at; undefined for a type that is not supported. */
export const ruleWords = (type: number): ReadonlySet<number> | undefined => {
  const fields = RULE_FIELDS.get(type)
  if (!fields) return undefined
  return new Set(fields.flatMap(({ bytes, word }) => Array.from({ length: Math.ceil(bytes / 4) }, (_, n) => word + n)))
}
