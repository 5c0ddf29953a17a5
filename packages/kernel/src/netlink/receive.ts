import { align4, errno, NLM_F_ACK, NLM_F_REQUEST, NLMSG_MIN_TYPE } from '@netkit/netlink'
import type { Credentials } from '../access/credentials.ts'
import { Request } from '../net/request.ts'
import { acknowledge } from './acknowledge.ts'
import type { NetlinkSocket } from './socket.ts'

/** Handles the requests of one datagram, in order. Source: spec 01 §1.2. */
export function handleDatagram(socket: NetlinkSocket, bytes: Uint8Array, sender: Credentials): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; bytes.length - at >= 16; ) {
    const length = view.getUint32(at, true)
    if (length < 16 || length > bytes.length - at) break
    const req = new Request(socket, socket.process, sender, bytes, view, at, at + length)
    let result = 0
    if ((req.flags & NLM_F_REQUEST) !== 0 && req.type >= NLMSG_MIN_TYPE) {
      result = socket.kernel.handle(req, socket.protocol)
    }
    if (result !== -errno.EINTR && (result !== 0 || (req.flags & NLM_F_ACK) !== 0)) acknowledge(req, result)
    if (socket.closed) break
    at += align4(length)
  }
  // Carrier events wait until the sender is done.
  socket.kernel.afterRequest()
}
