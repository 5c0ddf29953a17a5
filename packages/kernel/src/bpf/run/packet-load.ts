import * as layout from '../../packet/fields.ts'
import { readInside } from '../../packet/read-inside.ts'
import type { Contexts } from '../context/contexts.ts'

// Engines fold constants of the own module, not imported ones.
const { MAC_UNSET, PKT_DATA, PKT_MAC, PKT_NETWORK, PKT_SHIFT } = layout

/** Negative offsets count from the network header, or further down from the link-layer header. */
const FROM_NETWORK = -0x100000
const FROM_MAC = -0x200000

/** Where bytes are, counted from the packet's data; -1 if that is nowhere. */
function placeOf(fields: Int32Array, i: number, offset: number): number {
  if (offset >= 0) return offset
  const data = fields[i + PKT_DATA]
  if (offset >= FROM_NETWORK) return fields[i + PKT_NETWORK] - data + offset - FROM_NETWORK
  if (offset < FROM_MAC || fields[i + PKT_MAC] === MAC_UNSET) return -1
  return fields[i + PKT_MAC] - data + offset - FROM_MAC
}

/**
 * Loads 1, 2 or 4 bytes of the packet, in host order, into 8 bytes at `cell`; 0 if they are not there. Source: spec 02 §4.8.
 */
export function packetLoad(contexts: Contexts, cell: number, ctx: number, offset: number, bytes: number): number {
  const { packets } = contexts
  const { handle } = contexts.at(ctx)
  const place = placeOf(packets.fields, handle << PKT_SHIFT, offset)
  if (!readInside(packets, handle, place, bytes, cell)) return 0
  const { u8, i32 } = packets.memory
  const value =
    bytes === 1
      ? u8[cell]
      : bytes === 2
        ? (u8[cell] << 8) | u8[cell + 1]
        : (u8[cell] << 24) | (u8[cell + 1] << 16) | (u8[cell + 2] << 8) | u8[cell + 3]
  i32[cell >> 2] = value
  i32[(cell >> 2) + 1] = 0
  return 1
}
