import { completeChecksum } from '../../packet/checksum.ts'
import { COPY } from '../../packet/copy-reason.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import { put16, put32 } from '../core/address.ts'
import { copyDescriptor } from '../core/copy-descriptor.ts'
import { FRAGMENT_HEADER, IP6_HEADER, PROTO_FRAGMENT } from '../core/headers.ts'

const { PKT_DATA, PKT_LENGTH, PKT_NETWORK, PKT_SHIFT } = layout

/**
 * Cuts a packet of our own, without extension headers, into pieces of at most `mtu` bytes. The packet itself stays; 0, or the
 * reason why some piece could not be made. Source: RFC 8200 §4.5.
 */
export function fragment6(
  packets: Packets,
  handle: number,
  mtu: number,
  id: number,
  each: (piece: number) => void,
): number {
  completeChecksum(packets, handle)
  const i = handle << PKT_SHIFT
  const length = packets.fields[i + PKT_LENGTH]
  if (!makeLinear(packets, handle, length)) return DROP.UNREADABLE
  const start = packets.fields[i + PKT_DATA]
  const header = IP6_HEADER + FRAGMENT_HEADER
  const room = (mtu - header) & ~7
  if (room < 8) return DROP.PKT_TOO_BIG
  const next = packets.memory.u8[start + 6]
  for (let at = IP6_HEADER; at < length; at += room) {
    const bytes = Math.min(room, length - at)
    const piece = packets.alloc(header + bytes)
    if (piece < 0) return DROP.NOMEM
    copyDescriptor(packets, handle, piece)
    const data = packets.fields[(piece << PKT_SHIFT) + PKT_DATA]
    packets.memory.move(data, start, IP6_HEADER, COPY.headers)
    packets.memory.move(data + header, start + at, bytes, COPY.linearize)
    packets.fields[(piece << PKT_SHIFT) + PKT_NETWORK] = data
    const { u8 } = packets.memory
    put16(u8, data + 4, FRAGMENT_HEADER + bytes)
    u8[data + 6] = PROTO_FRAGMENT
    u8[data + IP6_HEADER] = next
    u8[data + IP6_HEADER + 1] = 0
    put16(u8, data + IP6_HEADER + 2, (at - IP6_HEADER) | (at + bytes < length ? 1 : 0))
    put32(u8, data + IP6_HEADER + 4, id)
    each(piece)
  }
  return 0
}
