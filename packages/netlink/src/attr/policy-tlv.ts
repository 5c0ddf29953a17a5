import type { Writer } from '../bytes/writer.ts'
import { s64, u32, u64 } from './integers.ts'
import { POLICY_TYPE_NUMBER, type Policy, rangeOf } from './policy.ts'
import { type AttrsOf, attrTable } from './table.ts'

/** A violated policy as the kernel describes it, and as nlctrl's policy dump lists it. Source: uapi NL_POLICY_TYPE_ATTR_*. */
export const POLICY_TLV = attrTable('policy', {
  type: { id: 1, c: 'NL_POLICY_TYPE_ATTR_TYPE', codec: u32 },
  minS: { id: 2, c: 'NL_POLICY_TYPE_ATTR_MIN_VALUE_S', codec: s64 },
  maxS: { id: 3, c: 'NL_POLICY_TYPE_ATTR_MAX_VALUE_S', codec: s64 },
  minU: { id: 4, c: 'NL_POLICY_TYPE_ATTR_MIN_VALUE_U', codec: u64 },
  maxU: { id: 5, c: 'NL_POLICY_TYPE_ATTR_MAX_VALUE_U', codec: u64 },
  minLength: { id: 6, c: 'NL_POLICY_TYPE_ATTR_MIN_LENGTH', codec: u32 },
  maxLength: { id: 7, c: 'NL_POLICY_TYPE_ATTR_MAX_LENGTH', codec: u32 },
  policyIndex: { id: 8, c: 'NL_POLICY_TYPE_ATTR_POLICY_IDX', codec: u32 },
  policyMaxType: { id: 9, c: 'NL_POLICY_TYPE_ATTR_POLICY_MAXTYPE', codec: u32 },
  bitfield32Mask: { id: 10, c: 'NL_POLICY_TYPE_ATTR_BITFIELD32_MASK', codec: u32 },
  mask: { id: 12, c: 'NL_POLICY_TYPE_ATTR_MASK', codec: u64 },
})
export type PolicyTlv = AttrsOf<typeof POLICY_TLV>

/** Whether a policy can be described to the requester. */
export const isDescribable = (p: Policy): boolean => POLICY_TYPE_NUMBER[p.type] !== 0

const ID = POLICY_TLV.ids

/** Writes what the policy demands, without the TYPE attribute that ends the description. */
export function writePolicyLimits(w: Writer, p: Policy): void {
  switch (p.type) {
    case 'string':
    case 'nul-string':
      if (p.max !== undefined) w.attrU32(ID.maxLength, p.max)
      return
    case 'binary':
      // A minimum without a maximum is checked, but the kernel does not tell it.
      if (p.min && p.max !== undefined) w.attrU32(ID.minLength, p.min)
      if (p.max !== undefined && p.max < 0xffff) w.attrU32(ID.maxLength, p.max)
      return
    case 'bitfield32':
      w.attrU32(ID.bitfield32Mask, p.mask)
      return
    case 'flag':
    case 'nest':
    case 'nest-array':
    case 'unspec':
    case 'reject':
    case 'be16':
    case 'be32':
      return
    default: {
      if ('mask' in p && p.mask !== undefined) {
        w.attrU64(ID.mask, p.mask)
        return
      }
      const { min, max } = rangeOf(p)
      const signed = p.type.startsWith('s')
      w.attrU64(signed ? ID.minS : ID.minU, BigInt.asUintN(64, min))
      w.attrU64(signed ? ID.maxS : ID.maxU, BigInt.asUintN(64, max))
    }
  }
}

/** Writes the description of one policy: its limits, then TYPE. */
export function writePolicy(w: Writer, p: Policy): void {
  writePolicyLimits(w, p)
  w.attrU32(ID.type, POLICY_TYPE_NUMBER[p.type])
}
