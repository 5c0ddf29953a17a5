import { u32 } from '../../attr/integers.ts'
import { nest } from '../../attr/nest.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { binary, flag, ranged, string } from '../../attr/values.ts'

/** One bit, by number or by name. Source: uapi ETHTOOL_A_BITSET_BIT_*. */
export const BITSET_BIT = attrTable('bitset-bit', {
  index: { id: 1, c: 'ETHTOOL_A_BITSET_BIT_INDEX', codec: u32 },
  name: { id: 2, c: 'ETHTOOL_A_BITSET_BIT_NAME', codec: string(undefined, 'nul-string') },
  value: { id: 3, c: 'ETHTOOL_A_BITSET_BIT_VALUE', codec: flag, doc: 'Set. Absent: clear.' },
})

export const BITSET_BITS = attrTable('bitset-bits', {
  bit: { id: 1, c: 'ETHTOOL_A_BITSET_BITS_BIT', codec: nest(BITSET_BIT), multi: true },
})

/** Bits with a mask of those that are meant: as a list, or compact as words of 32 bits. Source: uapi ETHTOOL_A_BITSET_*. */
export const BITSET = attrTable('bitset', {
  nomask: {
    id: 1,
    c: 'ETHTOOL_A_BITSET_NOMASK',
    codec: flag,
    doc: 'The list is the whole set; what is not in it is clear.',
  },
  size: { id: 2, c: 'ETHTOOL_A_BITSET_SIZE', codec: ranged(u32, { max: 0x7fff }) },
  bits: { id: 3, c: 'ETHTOOL_A_BITSET_BITS', codec: nest(BITSET_BITS, false) },
  value: { id: 4, c: 'ETHTOOL_A_BITSET_VALUE', codec: binary() },
  mask: { id: 5, c: 'ETHTOOL_A_BITSET_MASK', codec: binary() },
})
export type Bitset = AttrsOf<typeof BITSET>

/** A bit set in a request: the command looks inside, not the policy. */
export const bitset = nest(BITSET, false)
