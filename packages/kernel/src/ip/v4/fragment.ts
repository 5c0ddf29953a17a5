import { completeChecksum } from '../../packet/checksum.ts'
import { COPY } from '../../packet/copy-reason.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import { be16, put16 } from '../core/address.ts'
import { copyDescriptor } from '../core/copy-descriptor.ts'
import { IP_MF, IP_OFFSET, IP4_HEADER } from '../core/headers.ts'
import { checkHeader4 } from './header.ts'

const { PKT_DATA, PKT_LENGTH, PKT_NETWORK, PKT_SHIFT } = layout

const OPTION_COPIED = 0x80
const OPTION_END = 0
const OPTION_NOOP = 1

/**
 * Cuts a packet that begins with its IPv4 header into pieces of at most `mtu` bytes. The packet itself stays; 0, or the reason
 * why some piece could not be made. Source: RFC 791 §3.2.
 */
export function fragment4(packets: Packets, handle: number, mtu: number, each: (piece: number) => void): number {
  completeChecksum(packets, handle)
  const i = handle << PKT_SHIFT
  const length = packets.fields[i + PKT_LENGTH]
  if (!makeLinear(packets, handle, length)) return DROP.UNREADABLE
  const start = packets.fields[i + PKT_DATA]
  const header = (packets.memory.u8[start] & 0xf) << 2
  const room = (mtu - header) & ~7
  if (room < 8) return DROP.PKT_TOO_BIG
  const word = be16(packets.memory.u8, start + 6)
  for (let at = header; at < length; at += room) {
    const bytes = Math.min(room, length - at)
    const piece = packets.alloc(header + bytes)
    if (piece < 0) return DROP.NOMEM
    copyDescriptor(packets, handle, piece)
    const data = packets.fields[(piece << PKT_SHIFT) + PKT_DATA]
    packets.memory.move(data, start, header, COPY.headers)
    packets.memory.move(data + header, start + at, bytes, COPY.linearize)
    packets.fields[(piece << PKT_SHIFT) + PKT_NETWORK] = data
    const { u8 } = packets.memory
    if (at > header) dropUncopiedOptions(u8, data, header)
    const more = at + bytes < length ? IP_MF : word & IP_MF
    put16(u8, data + 2, header + bytes)
    put16(u8, data + 6, ((word & IP_OFFSET) + ((at - header) >> 3)) | more)
    checkHeader4(u8, packets.memory.i32, data, header)
    each(piece)
  }
  return 0
}

/** Options that are not to be copied are no-operations in all but the first fragment. */
function dropUncopiedOptions(u8: Uint8Array, at: number, header: number): void {
  for (let o = at + IP4_HEADER; o < at + header; ) {
    const type = u8[o]
    if (type === OPTION_END) return
    if (type === OPTION_NOOP) {
      o++
      continue
    }
    const length = u8[o + 1]
    if (length < 2 || o + length > at + header) return
    if ((type & OPTION_COPIED) === 0) u8.fill(OPTION_NOOP, o, o + length)
    o += length
  }
}
