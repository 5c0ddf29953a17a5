import { COPY } from './copy-reason.ts'
import { readBytes } from './edit.ts'
import * as layout from './fields.ts'
import type { Packets } from './packets.ts'

const { META_MASK, META_SHIFT, PKT_DATA, PKT_LENGTH, PKT_SHIFT, PKT_STATE } = layout
const HEADROOM = 256

/** A frame of its own with the same bytes and metadata, in one piece; -1 without memory. */
export function copyFrame(packets: Packets, handle: number): number {
  const length = packets.fields[(handle << PKT_SHIFT) + PKT_LENGTH]
  const copy = packets.alloc(length, HEADROOM)
  if (copy < 0) return -1
  const { fields, memory } = packets
  const from = handle << PKT_SHIFT
  const to = copy << PKT_SHIFT
  const meta = (fields[from + PKT_STATE] & META_MASK) >>> META_SHIFT
  if (meta !== 0) memory.move(fields[to + PKT_DATA] - meta, fields[from + PKT_DATA] - meta, meta, COPY.broadcast)
  readBytes(packets, handle, 0, length, memory, fields[to + PKT_DATA], COPY.broadcast)
  fields[to + PKT_STATE] = meta << META_SHIFT
  return copy
}
