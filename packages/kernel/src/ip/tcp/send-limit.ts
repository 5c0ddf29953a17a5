import type { TcpSocket } from './socket.ts'

/** What fits from the first moment on. */
const FIRST = 87_040

/** The send buffer holds two windows, unless somebody has said how large it is. */
export function growSendBuffer(socket: TcpSocket): void {
  if (socket.sendLocked) return
  // Windows grow by parts of a byte.
  const wanted = Math.max(FIRST, Math.floor(2 * socket.window))
  const limit = Math.min(socket.ns.settings.tcp.sendMemory[2], wanted)
  if (limit > socket.sendLimit) socket.sendLimit = limit
}

/** Bytes that may be given to be sent now. */
export const sendRoom = (socket: TcpSocket): number => Math.max(0, socket.sendLimit - socket.sendBuffer.bytes)
