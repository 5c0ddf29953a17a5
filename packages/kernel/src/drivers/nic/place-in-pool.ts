import type { XskPool } from '../../net/xsk.ts'
import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import type { WireFrame } from '../../wire/wire.ts'
import { leaveBehind, NO_BUFFER, RING_EMPTY, UNFIT, write } from './place.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_BUFFER, PKT_DATA, PKT_FRAGMENTS, PKT_LENGTH, PKT_LINEAR, PKT_SHIFT } = layout

/** Buffers of a packet that is received or sent without copies, at most. */
export const SEGMENTS = 8

/** Writes a frame into buffers of AF_XDP sockets. The packet, or why there is none. */
export function placeInPool(packets: Packets, pool: XskPool, frame: WireFrame): number {
  const { frameSize } = pool
  const { length } = frame
  if (length > frameSize && (!pool.multiBuffer || length > frameSize * SEGMENTS)) return UNFIT
  const buffer = pool.allocate()
  if (buffer < 0) return RING_EMPTY
  const handle = packets.table.alloc()
  if (handle < 0) {
    packets.buffers.release(buffer)
    return NO_BUFFER
  }
  const at = packets.buffers.offset(buffer) + pool.headroom
  const linear = Math.min(length, frameSize)
  write(packets, frame, 0, linear, at)
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  fields[i + PKT_BUFFER] = buffer
  fields[i + PKT_DATA] = at
  fields[i + PKT_LENGTH] = length
  fields[i + PKT_LINEAR] = linear
  if (linear < length && !placeRest(packets, pool, frame, handle)) {
    packets.free(handle)
    return RING_EMPTY
  }
  if (frame.handle >= 0) leaveBehind(packets, frame.handle, handle)
  return handle
}

/** What does not fit into the first buffer, in fragments of one buffer each. False without buffers: there may be some. */
function placeRest(packets: Packets, pool: XskPool, frame: WireFrame, handle: number): boolean {
  const { fragments, buffers } = packets
  let last = 0
  for (let done = pool.frameSize; done < frame.length; done += pool.frameSize) {
    const buffer = pool.allocate()
    if (buffer < 0) return false
    const bytes = Math.min(pool.frameSize, frame.length - done)
    const at = buffers.offset(buffer) + pool.headroom
    const fragment = fragments.alloc(at, bytes, pool.fragmentOwner, buffer)
    if (fragment === 0) {
      buffers.release(buffer)
      return false
    }
    write(packets, frame, done, bytes, at)
    if (last === 0) packets.table.fields[(handle << PKT_SHIFT) + PKT_FRAGMENTS] = fragment
    else fragments.link(last, fragment)
    last = fragment
  }
  return true
}
