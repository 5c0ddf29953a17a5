import { MAX_SCALE } from './numbers.ts'
import { distance, latest } from './sequence.ts'
import type { TcpSocket } from './socket.ts'

const UNSCALED = 0xffff

/** Bytes that could be taken now. */
export function spaceOf(socket: TcpSocket): number {
  const limit = socket.windowClamp > 0 ? Math.min(socket.receiveLimit, socket.windowClamp) : socket.receiveLimit
  return Math.max(0, limit - socket.receiveQueue.bytes)
}

/** Shift that the largest window needs. */
export function scaleFor(socket: TcpSocket): number {
  const most = socket.receiveLocked ? socket.receiveLimit : socket.ns.settings.tcp.receiveMemory[2]
  let scale = 0
  while (scale < MAX_SCALE && most >> scale > UNSCALED) scale++
  return scale
}

/** The window that is told now, scaled as it stands in a header. It never shrinks. Source: RFC 9293 §3.8.6.2.1. */
export function chooseWindow(socket: TcpSocket, scale: number): number {
  const most = scale === 0 ? UNSCALED : UNSCALED << scale
  let space = Math.min(spaceOf(socket), most)
  // Less than a segment would bring silly ones.
  if (space < socket.receivedMss && space < socket.receiveLimit / 2) space = 0
  const unit = 1 << scale
  const edge = (socket.rcvNxt + (space - (space & (unit - 1)))) | 0
  // Rounded up, so that the edge does not move back while data fills what was told.
  const told = distance(latest(edge, socket.windowEdge), socket.rcvNxt)
  const window = Math.min(UNSCALED, (told + unit - 1) >> scale)
  socket.windowEdge = (socket.rcvNxt + (window << scale)) | 0
  return window
}

/** Whether so much room has become free that the other side should hear of it. */
export function isWorthTelling(socket: TcpSocket): boolean {
  const told = distance(socket.windowEdge, socket.rcvNxt)
  const space = spaceOf(socket)
  const more = space - told
  if (more < Math.min(2 * socket.receivedMss, socket.receiveLimit / 2)) return false
  return told < 2 * socket.receivedMss || more >= socket.receiveLimit >> 2
}

/**
 * Bytes were read: if a reader takes as much within a round trip as half of the buffer, the buffer is what slows things down and
 * grows. Source: the idea is that of dynamic right-sizing (Fisk and Feng, 2001).
 */
export function noteRead(socket: TcpSocket, bytes: number, now: number): void {
  socket.readBytes += bytes
  const waited = now - socket.readSince
  if (waited < Math.max(1, socket.rtt.smoothed / 1000)) return
  const { receiveMemory, moderateReceiveBuffer } = socket.ns.settings.tcp
  if (!socket.receiveLocked && moderateReceiveBuffer !== 0 && 2 * socket.readBytes > socket.receiveLimit) {
    socket.receiveLimit = Math.max(socket.receiveLimit, Math.min(receiveMemory[2], 2 * socket.readBytes))
  }
  socket.readBytes = 0
  socket.readSince = now
}
