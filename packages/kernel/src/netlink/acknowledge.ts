import { type Extack, NLMSG_HDRLEN, Writer, writeAck } from '@netkit/netlink'
import type { Request } from '../net/request.ts'

/** Where an acknowledgement shows the flags of its request: behind its own header and the error. */
const FLAGS_OF_REQUEST = NLMSG_HDRLEN + 4 + 6
const out = new Writer(512)

/** The extended ack with its offsets counted from the beginning of the message. */
export function relativeExtack(req: Request): Extack {
  const { extack, start } = req
  if (start === 0) return extack
  return {
    ...extack,
    offset: extack.offset === undefined ? undefined : extack.offset - start,
    missNest: extack.missNest === undefined ? undefined : extack.missNest - start,
  }
}

/** Sends the answer to a request: 0, or a negative errno. */
export function acknowledge(req: Request, error: number): void {
  const { socket } = req
  writeAck(out.reset(), req.bytes, req.start, req.end, error, relativeExtack(req), socket)
  if (req.acknowledgedFlags !== undefined) out.view.setUint16(FLAGS_OF_REQUEST, req.acknowledgedFlags, true)
  socket.deliver(out.take())
}
