import { COPY } from '../../packet/copy-reason.ts'
import { FLAG_UNREADABLE, PKT_DATA, PKT_SHIFT, PKT_STATE } from '../../packet/fields.ts'
import { gather } from '../../packet/gather.ts'
import type { Packets } from '../../packet/packets.ts'
import type { WireFrame } from '../wire.ts'

/** The packet of a frame: bytes from outside are copied once, a packet of another NIC is taken as it is if it can be read. */
export function takeFrame(packets: Packets, frame: WireFrame): number {
  if (frame.handle < 0) return packets.allocFrom(frame.bytes, frame.offset, frame.length, COPY.wireIn, 64)
  if ((packets.fields[(frame.handle << PKT_SHIFT) + PKT_STATE] & FLAG_UNREADABLE) === 0) return frame.handle
  const handle = packets.alloc(frame.length)
  gather(packets, frame.handle, 0, frame.length, packets.fields[(handle << PKT_SHIFT) + PKT_DATA], COPY.wireIn)
  packets.free(frame.handle)
  return handle
}
