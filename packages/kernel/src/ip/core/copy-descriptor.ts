import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'

const { CSUM_MASK, PKT_HASH, PKT_MARK, PKT_PRIORITY, PKT_PROTOCOL, PKT_SHIFT, PKT_SOCKET, PKT_STATE } = layout

const COPIED = [PKT_HASH, PKT_MARK, PKT_PRIORITY, PKT_PROTOCOL, PKT_SOCKET]

/** Gives a piece of a packet what is known of the packet, apart from its bytes and checksum. */
export function copyDescriptor(packets: Packets, from: number, to: number): void {
  const { fields } = packets
  const a = from << PKT_SHIFT
  const b = to << PKT_SHIFT
  for (const word of COPIED) fields[b + word] = fields[a + word]
  fields[b + PKT_STATE] = fields[a + PKT_STATE] & ~CSUM_MASK
}
