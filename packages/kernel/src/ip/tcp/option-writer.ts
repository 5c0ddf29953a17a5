import { put16, put32 } from '../core/address.ts'
import * as n from './numbers.ts'
import type { TcpSocket } from './socket.ts'

const { OPTION_MSS, OPTION_NOP, OPTION_SACK, OPTION_SACK_PERMITTED, OPTION_SCALE, OPTION_TIMESTAMPS, TIMESTAMP_BYTES } =
  n

const TIMESTAMPS = (OPTION_NOP << 24) | (OPTION_NOP << 16) | (OPTION_TIMESTAMPS << 8) | 10
/** Bytes of options that a header has room for. */
const MOST = 40

/** Bytes of the options of a SYN. */
export const synOptionBytes = (sack: boolean, timestamps: boolean, scaling: boolean): number =>
  4 + (timestamps ? TIMESTAMP_BYTES : sack ? 4 : 0) + (scaling ? 4 : 0)

/** Writes the options of a SYN: segment size, SACK permitted, timestamps, window scale. */
export function writeSynOptions(
  u8: Uint8Array,
  from: number,
  socket: TcpSocket,
  mss: number,
  now: number,
  sack: boolean,
  timestamps: boolean,
  scaling: boolean,
): void {
  let at = from
  put32(u8, at, (OPTION_MSS << 24) | (4 << 16) | mss)
  at += 4
  if (timestamps) {
    put32(u8, at, sack ? (OPTION_SACK_PERMITTED << 24) | (2 << 16) | (OPTION_TIMESTAMPS << 8) | 10 : TIMESTAMPS)
    put32(u8, at + 4, now)
    put32(u8, at + 8, socket.tsRecent)
    at += TIMESTAMP_BYTES
  } else if (sack) {
    put32(u8, at, (OPTION_NOP << 24) | (OPTION_NOP << 16) | (OPTION_SACK_PERMITTED << 8) | 2)
    at += 4
  }
  if (scaling) put32(u8, at, (OPTION_NOP << 24) | (OPTION_SCALE << 16) | (3 << 8) | socket.receiveScale)
}

/** Blocks that are told with the next segment: one received twice, and those beyond a gap. */
function blocksOf(socket: TcpSocket): number {
  if (!socket.sackOk) return 0
  const room = (MOST - (socket.timestamps ? TIMESTAMP_BYTES : 0) - 4) >> 3
  const twice = socket.duplicateEnd !== socket.duplicateStart ? 1 : 0
  return Math.min(room, socket.reassembly.sackCount + twice)
}

/** Bytes of the options of any other segment. */
export function optionBytes(socket: TcpSocket): number {
  const blocks = blocksOf(socket)
  return (socket.timestamps ? TIMESTAMP_BYTES : 0) + (blocks > 0 ? 4 + 8 * blocks : 0)
}

/** Writes them: timestamps, SACK. Source: RFC 7323, RFC 2018, RFC 2883. */
export function writeOptions(u8: Uint8Array, from: number, socket: TcpSocket, now: number): void {
  let at = from
  if (socket.timestamps) {
    put32(u8, at, TIMESTAMPS)
    put32(u8, at + 4, now)
    put32(u8, at + 8, socket.tsRecent)
    at += TIMESTAMP_BYTES
  }
  const blocks = blocksOf(socket)
  if (blocks === 0) return
  put16(u8, at, (OPTION_NOP << 8) | OPTION_NOP)
  put16(u8, at + 2, (OPTION_SACK << 8) | (2 + 8 * blocks))
  at += 4
  let left = blocks
  if (socket.duplicateEnd !== socket.duplicateStart) {
    put32(u8, at, socket.duplicateStart)
    put32(u8, at + 4, socket.duplicateEnd)
    at += 8
    left--
  }
  const { sacks } = socket.reassembly
  for (let word = 0; word < 2 * left; word++) put32(u8, at + 4 * word, sacks[word])
}
