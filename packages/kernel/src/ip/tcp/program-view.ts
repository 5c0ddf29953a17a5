import { distance } from './sequence.ts'
import type { TcpSocket } from './socket.ts'

const UNKNOWN_RTT = 0xffff_ffff
const MOST = 0x7fff_ffff

/** `struct bpf_tcp_sock`: what programs see of a connection. Source: uapi linux/bpf.h. */
export function writeProgramView(socket: TcpSocket, view: DataView, at: number): void {
  const { mss, flight, counters, rtt } = socket
  const segments = (bytes: number): number => Math.ceil(bytes / mss)
  const words: readonly number[] = [
    Math.floor(socket.window / mss),
    // Kept in eighths.
    rtt.smoothed * 8,
    rtt.least === 0 ? UNKNOWN_RTT : rtt.least,
    socket.threshold >= MOST ? MOST : segments(socket.threshold),
    socket.rcvNxt,
    socket.nxt,
    socket.una,
    mss,
    0, // No ECN.
    0, // Rates are not measured.
    0,
    segments(flight.bytes),
    segments(flight.again),
    counters.retransmissions,
    counters.segmentsIn,
    counters.dataSegmentsIn,
    counters.segmentsOut,
    counters.dataSegmentsOut,
    segments(flight.lost),
    segments(flight.sacked),
  ]
  for (const [i, word] of words.entries()) view.setUint32(at + 4 * i, word, true)
  view.setBigUint64(at + 80, BigInt(Math.floor(counters.bytesReceived)), true)
  view.setBigUint64(at + 88, BigInt(Math.floor(counters.bytesAcked)), true)
  const delivered = segments(distance(socket.una, socket.iss))
  for (const [i, word] of [counters.duplicateSacks, delivered, 0, socket.retries].entries())
    view.setUint32(at + 96 + 4 * i, word, true)
}
