import { FIB_RULE_UNRESOLVED, FR_ACT_GOTO, RT_TABLE_COMPAT, RULE, type Writer } from '@netkit/netlink'
import type { Rule } from '../../net/route.ts'
import { bytesOf } from '../../prefix/words.ts'

const R = RULE.ids
const NONE = -1
const ANY_UID = 0xffff_ffff

/** Writes a rule message behind its netlink header. Source: what Linux 7.3 sends. */
export function writeRule(w: Writer, rule: Rule): void {
  w.u8(rule.family).u8(rule.dstLength).u8(rule.srcLength).u8(rule.tos)
  w.u8(rule.table < 256 ? rule.table : RT_TABLE_COMPAT)
  w.u8(0).u8(0).u8(rule.action).u32(rule.flags)
  w.attrU32(R.table, rule.table)
  w.attrU32(R.suppressPrefixlen, rule.suppressLength)
  w.attrU8(R.protocol, rule.protocol)
  if (rule.action === FR_ACT_GOTO && (rule.flags & FIB_RULE_UNRESOLVED) === 0) w.attrU32(R.goto, rule.target)
  if (rule.iifname !== undefined) w.attrString(R.iifname, rule.iifname)
  if (rule.oifname !== undefined) w.attrString(R.oifname, rule.oifname)
  if (rule.priority !== 0) w.attrU32(R.priority, rule.priority)
  if (rule.mark !== 0) w.attrU32(R.fwmark, rule.mark)
  if (rule.mask !== 0 || rule.mark !== 0) w.attrU32(R.fwmask, rule.mask)
  if (rule.tunId !== 0n) w.attrU64(R.tunId, rule.tunId)
  if (rule.uidStart !== 0 || rule.uidEnd !== ANY_UID) writePair(w, R.uidRange, rule.uidStart, rule.uidEnd)
  if (rule.sport !== 0) w.attrU32(R.sportRange, rule.sport)
  if (rule.dport !== 0) w.attrU32(R.dportRange, rule.dport)
  if (rule.ipProto !== 0) w.attrU8(R.ipProto, rule.ipProto)
  if (rule.suppressGroup !== NONE) w.attrU32(R.suppressIfgroup, rule.suppressGroup)
  if (rule.dstLength > 0) w.attrBytes(R.dst, bytesOf(rule.dst))
  if (rule.srcLength > 0) w.attrBytes(R.src, bytesOf(rule.src))
}

function writePair(w: Writer, id: number, first: number, second: number): void {
  const mark = w.begin(id)
  w.u32(first).u32(second)
  w.end(mark)
}
