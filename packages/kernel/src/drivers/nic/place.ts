import type { PagePool } from '../../net/page-pool.ts'
import { COPY } from '../../packet/copy-reason.ts'
import { makeOwn } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { gather } from '../../packet/gather.ts'
import type { Packets } from '../../packet/packets.ts'
import { pageOwner } from '../../packet/pages.ts'
import type { WireFrame } from '../../wire/wire.ts'
import type { RxMemory } from './rx-memory.ts'

// Where a NIC writes frames: the only time that their bytes are written.

const { FLAG_DAMAGED, FLAG_UNREADABLE, PKT_DATA, PKT_FRAGMENTS, PKT_LENGTH, PKT_SHIFT, PKT_STATE } = layout

const HEADROOM = 256
/** Bytes of the frame buffers that pools lend. */
const BUFFER = 2048
/** Fragments that a packet can have. */
const MOST_FRAGMENTS = 17

/** Why a frame was not placed: no buffer to be had, no buf posted, headers that would land in a buf. */
export const NO_BUFFER = -1
export const RING_EMPTY = -2
export const UNFIT = -3

/** Bufs that take the place of those that a frame takes. */
const replacements = new Int32Array(MOST_FRAGMENTS)

/** Writes a frame, or as much as fits, to one place of packet memory. */
export function write(packets: Packets, frame: WireFrame, from: number, length: number, to: number): void {
  if (frame.handle >= 0) gather(packets, frame.handle, from, length, to, COPY.wireIn)
  else packets.memory.copyIn(to, frame.bytes, frame.offset + from, length, COPY.wireIn)
}

/** Places the first `length` bytes of a frame in a frame buffer of the pool; in another one if they are too many. */
function placeLinear(packets: Packets, pool: PagePool, frame: WireFrame, length: number): number {
  // Aligned like the source: copies are several times faster then.
  const headroom = HEADROOM + (frame.offset & 7)
  let handle: number
  if (headroom + length > BUFFER) handle = packets.alloc(length, headroom)
  else {
    const buffer = pool.alloc()
    if (buffer < 0) return NO_BUFFER
    handle = packets.allocIn(buffer, headroom, length)
    if (handle < 0) pool.recycle(buffer)
  }
  if (handle < 0) return NO_BUFFER
  write(packets, frame, 0, length, packets.table.fields[(handle << PKT_SHIFT) + PKT_DATA])
  return handle
}

/** A frame in one piece. A packet of another NIC is taken over as it is, unless its memory belongs to somebody there. */
export function placeWhole(packets: Packets, pool: PagePool, frame: WireFrame): number {
  const { handle } = frame
  if (handle < 0) return placeLinear(packets, pool, frame, frame.length)
  if ((packets.table.fields[(handle << PKT_SHIFT) + PKT_STATE] & FLAG_UNREADABLE) === 0) {
    // What an application sends from its UMEM is written once where it is received.
    return makeOwn(packets, handle, HEADROOM, COPY.wireIn) ? handle : NO_BUFFER
  }
  const copy = placeLinear(packets, pool, frame, frame.length)
  if (copy >= 0) leaveBehind(packets, handle, copy)
  return copy
}

/** The packet in which a frame crossed the wire goes; what happened to it there stays known. */
export function leaveBehind(packets: Packets, crossed: number, placed: number): void {
  const { fields } = packets.table
  fields[(placed << PKT_SHIFT) + PKT_STATE] |= fields[(crossed << PKT_SHIFT) + PKT_STATE] & FLAG_DAMAGED
  packets.free(crossed)
}

/** Headers in the linear part, payload in frame buffers behind it: of a queue without a provider. */
export function placeSplit(packets: Packets, pool: PagePool, frame: WireFrame, headers: number): number {
  const payload = headers === 0 ? 0 : frame.length - headers
  if (frame.handle >= 0 || payload === 0 || payload > MOST_FRAGMENTS * BUFFER) return placeWhole(packets, pool, frame)
  const handle = placeLinear(packets, pool, frame, headers)
  if (handle < 0) return handle
  const { fragments, buffers } = packets
  let last = 0
  for (let done = 0; done < payload; done += BUFFER) {
    const buffer = pool.alloc()
    const offset = buffer < 0 ? 0 : buffers.offset(buffer)
    const bytes = Math.min(BUFFER, payload - done)
    const fragment = buffer < 0 ? 0 : fragments.alloc(offset, bytes, pageOwner(packets), buffer)
    if (fragment === 0) {
      if (buffer >= 0) pool.recycle(buffer)
      packets.free(handle)
      return NO_BUFFER
    }
    buffers.lend(buffer)
    write(packets, frame, headers + done, bytes, offset)
    last = append(packets, handle, last, fragment, bytes)
  }
  return handle
}

/** Puts a fragment behind the last one of a packet; gives it back. */
function append(packets: Packets, handle: number, last: number, fragment: number, bytes: number): number {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  if (last === 0) fields[i + PKT_FRAGMENTS] = fragment
  else packets.fragments.link(last, fragment)
  fields[i + PKT_LENGTH] += bytes
  return fragment
}

/**
 * Headers in a frame buffer, payload in bufs of the queue's provider; each that goes is replaced before. `headers`: bytes up to
 * the end of the transport header; 0 where there is none. What cannot be split must fit into the buffer for headers.
 * Source: spec 03 §6.2.
 */
export function placeInBufs(packets: Packets, memory: RxMemory, frame: WireFrame, headers: number): number {
  const { pool, heads } = memory
  if (heads === undefined) return UNFIT
  const payload = headers === 0 ? 0 : frame.length - headers
  const linear = frame.length - payload
  if (HEADROOM + 7 + linear > BUFFER) return UNFIT
  const size = pool.bufferSize
  const count = Math.ceil(payload / size)
  if (count > MOST_FRAGMENTS) return UNFIT
  if (count > memory.posted) return RING_EMPTY
  if (!replace(pool, count)) return NO_BUFFER
  const handle = placeLinear(packets, heads, frame, linear)
  if (handle < 0) {
    for (let n = 0; n < count; n++) pool.recycle(replacements[n])
    return NO_BUFFER
  }
  if (count > 0) fill(packets, memory, frame, handle, payload)
  if (frame.handle >= 0) leaveBehind(packets, frame.handle, handle)
  return handle
}

/** Gets `count` bufs to post; false, and none, where there are fewer. */
function replace(pool: PagePool, count: number): boolean {
  for (let n = 0; n < count; n++) {
    const buf = pool.alloc()
    if (buf < 0) {
      while (n > 0) pool.recycle(replacements[--n])
      return false
    }
    replacements[n] = buf
  }
  return true
}

/** Writes the payload to bufs from the ring, which become fragments of the packet. */
function fill(packets: Packets, memory: RxMemory, frame: WireFrame, handle: number, payload: number): void {
  const { bufs, fragments } = packets
  const size = memory.pool.bufferSize
  const headers = frame.length - payload
  // A buf need not be filled from its beginning: what fits is aligned like the source.
  const lead = frame.handle < 0 && payload + 7 <= size ? (frame.offset + headers) & 7 : 0
  let last = 0
  for (let done = 0, n = 0; done < payload; done += size, n++) {
    const buf = memory.take()
    memory.post(replacements[n])
    const offset = bufs.offset(buf) + lead
    const bytes = Math.min(size, payload - done)
    write(packets, frame, headers + done, bytes, offset)
    last = append(packets, handle, last, fragments.alloc(offset, bytes, bufs.fragmentOwner, buf), bytes)
  }
  packets.table.fields[(handle << PKT_SHIFT) + PKT_STATE] |= FLAG_UNREADABLE
}
