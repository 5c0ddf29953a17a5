import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { DROP } from '../../packet/drop-reason.ts'
import type { TcpContext } from './context.ts'
import { acknowledgeSoon } from './data.ts'
import { fail } from './life.ts'
import { ACK, RST, SYN, SYN_RECEIVED } from './numbers.ts'
import { agree, establish, sendSynSoon } from './open.ts'
import { sendReset } from './reply.ts'
import type { Segment } from './segment.ts'
import { after } from './sequence.ts'
import type { TcpSocket } from './socket.ts'

/** A segment for a socket that has sent a SYN. Its packet is gone afterwards. Source: RFC 9293 §3.10.7.3. */
export function inputSynSent(tcp: TcpContext, dev: Device, socket: TcpSocket, segment: Segment): void {
  const { stack } = tcp
  const { flags, handle } = segment
  const acks = (flags & ACK) !== 0
  if (acks && (!after(segment.ack, socket.iss) || after(segment.ack, socket.nxt))) {
    stack.path.drop(dev, handle, DROP.NOT_SPECIFIED)
    sendReset(stack, dev, segment)
    return
  }
  if ((flags & RST) !== 0 || (flags & SYN) === 0) {
    stack.path.drop(dev, handle, DROP.NOT_SPECIFIED)
    if (acks && (flags & RST) !== 0) fail(tcp, socket, errno.ECONNREFUSED)
    return
  }
  agree(tcp, socket, segment)
  stack.packets.free(handle)
  if (acks) {
    socket.una = segment.ack
    establish(tcp, socket)
    acknowledgeSoon(tcp, socket)
  } else {
    // Both sides have begun at once.
    socket.state = SYN_RECEIVED
    sendSynSoon(tcp, socket)
  }
}
