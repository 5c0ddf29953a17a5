import { BITSET, BITSET_BIT, BITSET_BITS, type Writer } from '@netkit/netlink'

const B = BITSET.ids
const BIT = BITSET_BIT.ids

/** Writes a set of bits: `mask` says which are meant, undefined that `value` is the whole set. `names`: of all bits. */
export function writeBitset(
  w: Writer,
  id: number,
  value: bigint,
  mask: bigint | undefined,
  names: readonly string[],
  compact: boolean,
): void {
  const nest = w.beginNest(id)
  if (mask === undefined) w.attrFlag(B.nomask)
  w.attrU32(B.size, names.length)
  if (compact) {
    writeWords(w, B.value, value, names.length)
    if (mask !== undefined) writeWords(w, B.mask, mask, names.length)
  } else {
    const bits = w.beginNest(B.bits)
    for (let i = 0; i < names.length; i++) {
      const bit = 1n << BigInt(i)
      if (((mask ?? value) & bit) === 0n) continue
      const one = w.beginNest(BITSET_BITS.ids.bit)
      w.attrU32(BIT.index, i)
      w.attrString(BIT.name, names[i])
      if (mask !== undefined && (value & bit) !== 0n) w.attrFlag(BIT.value)
      w.end(one)
    }
    w.end(bits)
  }
  w.end(nest)
}

function writeWords(w: Writer, id: number, bits: bigint, size: number): void {
  const attr = w.begin(id)
  for (let at = 0; at < size; at += 32) w.u32(Number((bits >> BigInt(at)) & 0xffff_ffffn))
  w.end(attr)
}
