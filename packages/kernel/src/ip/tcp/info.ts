import { LISTEN } from './numbers.ts'
import { spaceOf } from './receive-window.ts'
import { distance } from './sequence.ts'
import { LOSS, type TcpSocket } from './socket.ts'

const SIZE = 248
const OPTION_TIMESTAMPS = 1
const OPTION_SACK = 2
const OPTION_SCALE = 4

/** `struct tcp_info`. Source: uapi linux/tcp.h. `now`: ms. */
export function tcpInfo(socket: TcpSocket, now: number): Uint8Array {
  const bytes = new Uint8Array(SIZE)
  const view = new DataView(bytes.buffer)
  const u32 = (at: number, value: number): void => view.setUint32(at, Math.min(value, 0xffff_ffff), true)
  const u64 = (at: number, value: number): void => view.setBigUint64(at, BigInt(Math.floor(value)), true)
  writeState(bytes, socket)
  const { mss, flight, counters, rtt } = socket
  const segments = (n: number): number => Math.ceil(n / mss)
  const numbers: readonly (readonly [number, number])[] = [
    [8, rtt.next * 1000],
    [12, 40_000],
    [16, mss],
    [20, socket.receivedMss],
    // A socket that listens tells how many connections wait, and how many can.
    [24, socket.state === LISTEN ? socket.accepted.length : segments(flight.bytes)],
    [28, socket.state === LISTEN ? socket.backlog : segments(flight.sacked)],
    [32, segments(flight.lost)],
    [36, segments(flight.again)],
    [44, socket.lastSent === 0 ? 0 : now - socket.lastSent],
    [52, socket.lastReceived === 0 ? 0 : now - socket.lastReceived],
    [56, socket.lastAckReceived === 0 ? 0 : now - socket.lastAckReceived],
    [60, socket.pathMtu],
    [64, socket.receiveLimit],
    [68, rtt.smoothed],
    [72, rtt.variance],
    [76, socket.threshold >= 0x7fff_ffff ? 0x7fff_ffff : segments(socket.threshold)],
    [80, Math.floor(socket.window / mss)],
    [84, socket.peerMss],
    [88, 3],
    [96, socket.receiveLimit],
    [100, counters.retransmissions],
    [136, counters.segmentsOut],
    [140, counters.segmentsIn],
    [144, Math.max(0, socket.sendBuffer.bytes - distance(socket.nxt, socket.bufferStart))],
    [148, rtt.least === 0 ? 0xffff_ffff : rtt.least],
    [152, counters.dataSegmentsIn],
    [156, counters.dataSegmentsOut],
    [216, counters.duplicateSacks],
    [220, socket.reordering ? 1 : 0],
    [224, counters.outOfOrder],
    [228, socket.sendWindow],
    [232, spaceOf(socket)],
  ]
  for (const [at, value] of numbers) u32(at, value)
  u64(120, counters.bytesAcked)
  u64(128, counters.bytesReceived)
  u64(200, counters.bytesSent)
  u64(208, counters.bytesRetransmitted)
  return bytes
}

function writeState(bytes: Uint8Array, socket: TcpSocket): void {
  bytes[0] = socket.state
  bytes[1] = socket.phase
  bytes[2] = socket.phase === LOSS ? socket.retries : 0
  bytes[3] = socket.probes
  bytes[4] = socket.rtt.backoff
  bytes[5] =
    (socket.timestamps ? OPTION_TIMESTAMPS : 0) |
    (socket.sackOk ? OPTION_SACK : 0) |
    (socket.scaling ? OPTION_SCALE : 0)
  bytes[6] = socket.sendScale | (socket.receiveScale << 4)
}
