import {
  FIB_RULE_IIF_DETACHED,
  FIB_RULE_OIF_DETACHED,
  FIB_RULE_UNRESOLVED,
  FR_ACT_GOTO,
  RT_TABLE_COMPAT,
  RULE,
  type Writer,
} from '@netkit/netlink'
import { isResolved } from '../../net/ip/rules.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { Rule } from '../../net/route.ts'
import { bytesOf } from '../../prefix/words.ts'

const R = RULE.ids
const NONE = -1
const ANY_UID = 0xffff_ffff

/** Flags as asked for, and what of the rule is not there now. */
function flagsOf(ns: NetNamespace, rule: Rule): number {
  const { iifname, oifname } = rule
  let flags = rule.flags
  if (rule.action === FR_ACT_GOTO && !isResolved(ns, rule)) flags |= FIB_RULE_UNRESOLVED
  if (iifname !== undefined && !ns.names.has(iifname)) flags |= FIB_RULE_IIF_DETACHED
  if (oifname !== undefined && !ns.names.has(oifname)) flags |= FIB_RULE_OIF_DETACHED
  return flags >>> 0
}

/** Writes a rule message behind its netlink header. Source: what Linux 7.3 sends. */
export function writeRule(w: Writer, ns: NetNamespace, rule: Rule): void {
  w.u8(rule.family)
    .u8(rule.dstLength)
    .u8(rule.srcLength)
    .u8(rule.dscp ? 0 : rule.tos)
  w.u8(rule.table < 256 ? rule.table : RT_TABLE_COMPAT)
  w.u8(0).u8(0).u8(rule.action).u32(flagsOf(ns, rule))
  w.attrU32(R.table, rule.table)
  w.attrU32(R.suppressPrefixlen, rule.suppressLength)
  w.attrU8(R.protocol, rule.protocol)
  if (rule.iifname !== undefined) w.attrString(R.iifname, rule.iifname)
  if (rule.oifname !== undefined) w.attrString(R.oifname, rule.oifname)
  if (rule.priority !== 0) w.attrU32(R.priority, rule.priority)
  if (rule.mark !== 0) w.attrU32(R.fwmark, rule.mark)
  if (rule.mask !== 0 || rule.mark !== 0) w.attrU32(R.fwmask, rule.mask)
  if (rule.target !== 0) w.attrU32(R.goto, rule.target)
  if (rule.tunId !== 0n) w.attrU64(R.tunId, rule.tunId)
  if (rule.l3mdev) w.attrU8(R.l3mdev, 1)
  if (rule.uidStart !== 0 || rule.uidEnd !== ANY_UID) writePair(w, R.uidRange, rule.uidStart, rule.uidEnd)
  writePorts(w, R.sportRange, rule.sport, R.sportMask, rule.sportMask)
  writePorts(w, R.dportRange, rule.dport, R.dportMask, rule.dportMask)
  if (rule.ipProto !== 0) w.attrU8(R.ipProto, rule.ipProto)
  if (rule.suppressGroup !== NONE) w.attrU32(R.suppressIfgroup, rule.suppressGroup)
  writeSelectors(w, rule)
}

/** What the family of the rule says itself. */
function writeSelectors(w: Writer, rule: Rule): void {
  if (rule.dscp) {
    w.attrU8(R.dscp, rule.tos >> 2)
    w.attrU8(R.dscpMask, rule.tosMask >> 2)
  }
  if (rule.dstLength > 0) w.attrBytes(R.dst, bytesOf(rule.dst))
  if (rule.srcLength > 0) w.attrBytes(R.src, bytesOf(rule.src))
  if (rule.realm !== 0) w.attrU32(R.flow, rule.realm)
}

function writePorts(w: Writer, rangeId: number, range: number, maskId: number, mask: number): void {
  if (range !== 0) w.attrU32(rangeId, range)
  if (mask !== 0) w.attrU16(maskId, mask)
}

function writePair(w: Writer, id: number, first: number, second: number): void {
  const mark = w.begin(id)
  w.u32(first).u32(second)
  w.end(mark)
}
