import { checksumOk } from '../../packet/checksum.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import { be16, be32 } from '../core/address.ts'
import { PROTO_TCP } from '../core/headers.ts'
import { pseudoHeader } from '../core/transport-checksum.ts'
import * as n from './numbers.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_DATA, PKT_GSO, PKT_LENGTH, PKT_NETWORK, PKT_SHIFT, PKT_TRANSPORT } = layout
const { FIN, OPTION_END, OPTION_MSS, OPTION_NOP, OPTION_SACK, OPTION_SACK_PERMITTED, OPTION_SCALE } = n
const { OPTION_TIMESTAMPS, SYN, TCP_HEADER } = n

/** NOP, NOP, timestamps, 10 bytes: what nearly every segment has. */
const TIMESTAMPS_ONLY = 0x0101080a
const MOST_SACKS = 4

/** What a received segment says. Reused. */
export class Segment {
  handle = -1
  /** Bytes of the packet before the payload. */
  headers = 0
  sourcePort = 0
  port = 0
  seq = 0
  ack = 0
  flags = 0
  /** As it stands in the header, not scaled. */
  window = 0
  /** Bytes of payload. */
  length = 0
  /** Sequence number behind everything that it takes, SYN and FIN too. */
  end = 0
  /** Segments that were merged into it. */
  count = 1
  /** Options; 0 and -1: absent. */
  mss = 0
  scale = -1
  sackPermitted = false
  hasTimestamps = false
  tsValue = 0
  tsEcho = 0
  sackCount = 0
  /** Start and end of each block. */
  readonly sacks = new Int32Array(2 * MOST_SACKS)
}

/** Reads the segment in a packet whose transport offset is known. 0, or why it is dropped. */
export function parse(packets: Packets, handle: number, v6: boolean, to: Segment): number {
  const { table } = packets
  const i = handle << PKT_SHIFT
  const offset = table.fields[i + PKT_TRANSPORT] - table.fields[i + PKT_DATA]
  if (!makeLinear(packets, handle, offset + TCP_HEADER)) return DROP.HDR_TRUNC
  const header = (packets.memory.u8[table.fields[i + PKT_TRANSPORT] + 12] >>> 4) << 2
  if (header < TCP_HEADER || !makeLinear(packets, handle, offset + header)) return DROP.HDR_TRUNC
  const total = table.fields[i + PKT_LENGTH] - offset
  const pseudo = pseudoHeader(packets, table.fields[i + PKT_NETWORK], v6, PROTO_TCP, total)
  if (!checksumOk(packets, handle, offset, pseudo)) return DROP.TCP_CSUM
  const at = table.fields[i + PKT_TRANSPORT]
  const { u8 } = packets.memory
  const flags = u8[at + 13]
  to.handle = handle
  to.headers = offset + header
  to.sourcePort = be16(u8, at)
  to.port = be16(u8, at + 2)
  to.seq = be32(u8, at + 4)
  to.ack = be32(u8, at + 8)
  to.flags = flags
  to.window = be16(u8, at + 14)
  to.length = total - header
  to.end = (to.seq + to.length + (flags & FIN) + ((flags & SYN) >> 1)) | 0
  to.count = Math.max(1, table.fields[i + PKT_GSO] >>> 16)
  readOptions(u8, at + TCP_HEADER, at + header, to)
  return 0
}

function readOptions(u8: Uint8Array, from: number, end: number, to: Segment): void {
  to.mss = 0
  to.scale = -1
  to.sackPermitted = false
  to.hasTimestamps = false
  to.sackCount = 0
  if (end - from === n.TIMESTAMP_BYTES && be32(u8, from) === TIMESTAMPS_ONLY) {
    to.hasTimestamps = true
    to.tsValue = be32(u8, from + 4)
    to.tsEcho = be32(u8, from + 8)
    return
  }
  for (let at = from; at < end; ) {
    const kind = u8[at]
    if (kind === OPTION_END) return
    if (kind === OPTION_NOP) {
      at++
      continue
    }
    const size = at + 1 < end ? u8[at + 1] : 0
    if (size < 2 || at + size > end) return
    readOption(u8, at, kind, size, to)
    at += size
  }
}

function readOption(u8: Uint8Array, at: number, kind: number, size: number, to: Segment): void {
  if (kind === OPTION_MSS && size === 4) to.mss = be16(u8, at + 2)
  else if (kind === OPTION_SCALE && size === 3) to.scale = Math.min(u8[at + 2], n.MAX_SCALE)
  else if (kind === OPTION_SACK_PERMITTED && size === 2) to.sackPermitted = true
  else if (kind === OPTION_TIMESTAMPS && size === 10) {
    to.hasTimestamps = true
    to.tsValue = be32(u8, at + 2)
    to.tsEcho = be32(u8, at + 6)
  } else if (kind === OPTION_SACK && (size & 7) === 2) {
    to.sackCount = Math.min((size - 2) >> 3, MOST_SACKS)
    for (let word = 0; word < 2 * to.sackCount; word++) to.sacks[word] = be32(u8, at + 2 + 4 * word)
  }
}
