import { FLOW_IP4, KEY_WORDS } from '../../packet/flow-key.ts'
import { DISCARD, type FlowRule, flowRule, RULE_FIELDS } from './steering-rule.ts'

/** Layout of `struct ethtool_rx_flow_spec`, which ETHTOOL_SRXCLSRLINS and ETHTOOL_GRXCLSRULE carry. Integers in host order,
 *  fields of headers in network order. Source: uapi linux/ethtool.h. */
export const FLOW_SPEC_BYTES = 168
const FLOW_TYPE = 0
const VALUES = 4
const MASKS = 76
const UNION_BYTES = 52
/** Fields of `struct ethtool_flow_ext` behind each union: VLAN tag, user data, destination MAC. */
const EXTENSION_BYTES = 20
/** In `struct ethtool_usrip4_spec`; can be said but not matched. */
const IP_VERSION = 13
const IP_VERSION_4 = 1
const RING_COOKIE = 152
const LOCATION = 160

const TYPE_MASK = 0xff
const FLAG_EXT = 0x80000000
const FLAG_MAC_EXT = 0x40000000
const FLAG_RSS = 0x20000000

const ALL_ONES = 0xffff_ffff_ffff_ffffn

const isZero = (view: DataView, from: number, bytes: number): boolean => {
  for (let at = from; at < from + bytes; at++) if (view.getUint8(at) !== 0) return false
  return true
}

const viewOf = (spec: Uint8Array): DataView => {
  if (spec.length < FLOW_SPEC_BYTES)
    throw new RangeError(`a flow spec has ${FLOW_SPEC_BYTES} bytes, not ${spec.length}`)
  return new DataView(spec.buffer, spec.byteOffset, FLOW_SPEC_BYTES)
}

/** The rule that a flow spec asks for; its context is `context` if the spec says that it has one. Undefined when the spec
 *  matches on something that this NIC cannot look at (answer: EOPNOTSUPP). */
export const parseFlowSpec = (spec: Uint8Array, context = 0): FlowRule | undefined => {
  const view = viewOf(spec)
  const flags = view.getUint32(FLOW_TYPE, true)
  const type = flags & TYPE_MASK
  const fields = RULE_FIELDS.get(type)
  if (!fields || (flags & ~(TYPE_MASK | FLAG_EXT | FLAG_MAC_EXT | FLAG_RSS)) !== 0) return undefined
  const extended = (flags & (FLAG_EXT | FLAG_MAC_EXT)) !== 0
  if (extended && !isZero(view, MASKS + UNION_BYTES, EXTENSION_BYTES)) return undefined
  const cookie = view.getBigUint64(RING_COOKIE, true)
  const action = cookie === ALL_ONES ? DISCARD : Number(cookie & 0xffff_ffffn)
  const rule = flowRule(type, action, view.getUint32(LOCATION, true))
  if ((flags & FLAG_RSS) !== 0) rule.context = context
  let known = 0
  for (const { at, bytes, word } of fields) {
    for (const [base, words] of [
      [VALUES, rule.value],
      [MASKS, rule.mask],
    ] as const) {
      if (bytes === 1) words[word] = view.getUint8(base + at)
      else if (bytes === 2) words[word] = view.getUint16(base + at)
      else for (let n = 0; n < bytes / 4; n++) words[word + n] = view.getInt32(base + at + n * 4)
    }
    for (let n = at; n < at + bytes; n++) if (view.getUint8(MASKS + n) !== 0) known++
  }
  let masked = 0
  for (let n = 0; n < UNION_BYTES; n++) if (view.getUint8(MASKS + n) !== 0) masked++
  return masked === known ? rule : undefined
}

/** The flow spec of a rule, as ETHTOOL_GRXCLSRULE gives it. Values are those bits that count. */
export const flowSpecOf = (rule: FlowRule): Uint8Array<ArrayBuffer> => {
  const spec = new Uint8Array(FLOW_SPEC_BYTES)
  const view = viewOf(spec)
  view.setUint32(FLOW_TYPE, rule.type | (rule.context === undefined ? 0 : FLAG_RSS), true)
  view.setBigUint64(RING_COOKIE, rule.action === DISCARD ? ALL_ONES : BigInt(rule.action), true)
  view.setUint32(LOCATION, rule.location, true)
  for (const { at, bytes, word } of RULE_FIELDS.get(rule.type) ?? []) {
    for (const [base, words] of [
      [VALUES, rule.value],
      [MASKS, rule.mask],
    ] as const) {
      if (bytes === 1) view.setUint8(base + at, words[word])
      else if (bytes === 2) view.setUint16(base + at, words[word])
      else for (let n = 0; n < bytes / 4 && word + n < KEY_WORDS; n++) view.setInt32(base + at + n * 4, words[word + n])
    }
  }
  if (rule.type === FLOW_IP4) view.setUint8(VALUES + IP_VERSION, IP_VERSION_4)
  return spec
}
