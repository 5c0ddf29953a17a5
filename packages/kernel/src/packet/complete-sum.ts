import {
  CSUM_COMPLETE,
  CSUM_LEVEL_MASK,
  CSUM_MASK,
  CSUM_NONE,
  CSUM_PARTIAL,
  CSUM_UNNECESSARY,
  PKT_CSUM,
  PKT_DATA,
  PKT_SHIFT,
  PKT_STATE,
} from './fields.ts'
import type { Packets } from './packets.ts'
import { addBlock, subtractBlock, sumBytes } from './sum.ts'

/** What is known of a packet's checksum: one of CSUM_*. */
export const checksumOf = ({ fields }: Packets, handle: number): number =>
  fields[(handle << PKT_SHIFT) + PKT_STATE] & CSUM_MASK

export const setChecksum = ({ fields }: Packets, handle: number, state: number): void => {
  const i = (handle << PKT_SHIFT) + PKT_STATE
  fields[i] = (fields[i] & ~CSUM_MASK) | state
}

/** Verified checksums are no longer. */
export function forgetVerified(packets: Packets, handle: number): void {
  if (checksumOf(packets, handle) !== CSUM_UNNECESSARY) return
  packets.fields[(handle << PKT_SHIFT) + PKT_STATE] &= ~(CSUM_MASK | CSUM_LEVEL_MASK)
}

/** Linear bytes at `offset` are about to go, or to change: they leave the sum over the packet. `place`: whether it is an odd one in the
 *  sum. */
export function leaveSum(packets: Packets, handle: number, offset: number, length: number, place: number): void {
  const state = checksumOf(packets, handle)
  const { fields, memory } = packets
  const i = handle << PKT_SHIFT
  if (state === CSUM_COMPLETE) {
    const block = sumBytes(memory.u8, fields[i + PKT_DATA] + offset, length)
    fields[i + PKT_CSUM] = subtractBlock(fields[i + PKT_CSUM], block, place)
  } else if (state === CSUM_PARTIAL && fields[i + PKT_CSUM] < fields[i + PKT_DATA]) {
    setChecksum(packets, handle, CSUM_NONE)
  }
}

/** Linear bytes at `offset` are new, or have changed: they join the sum over the packet. */
export function joinSum(packets: Packets, handle: number, offset: number, length: number, place: number): void {
  if (checksumOf(packets, handle) !== CSUM_COMPLETE) return
  const { fields, memory } = packets
  const i = handle << PKT_SHIFT
  const block = sumBytes(memory.u8, fields[i + PKT_DATA] + offset, length)
  fields[i + PKT_CSUM] = addBlock(fields[i + PKT_CSUM], block, place)
}
