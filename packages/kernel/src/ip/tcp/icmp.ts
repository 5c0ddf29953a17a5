import type { Device } from '../../net/device.ts'
import { be16, be32, readAddresses } from '../core/address.ts'
import { DST, SRC } from '../core/flow.ts'
import * as h from '../core/headers.ts'
import type { IcmpError } from '../core/stack.ts'
import type { TcpContext } from './context.ts'
import { LOST } from './flight.ts'
import { fail } from './life.ts'
import { IN, LISTEN, SYN_RECEIVED, SYN_SENT, TIME_WAIT } from './numbers.ts'
import { after, before } from './sequence.ts'
import type { TcpSocket } from './socket.ts'
import { findWay, learnMss } from './way.ts'

/** Least path MTU that is believed. Source: net.ipv4.route.min_pmtu. */
const LEAST_MTU = 552
const OPENING = IN(SYN_SENT) | IN(SYN_RECEIVED)

/**
 * An ICMP error about a segment that we have sent. One for which there is a connection that has sent it is believed: while it opens, it
 * ends it; later it only explains why nothing comes. Source: RFC 5927, RFC 1122 §4.2.3.9, RFC 8201.
 */
export function inputIcmp(tcp: TcpContext, dev: Device, about: IcmpError): void {
  const { stack, table } = tcp
  const { u8 } = stack.packets.memory
  const { words } = stack.sending
  const at = about.transport
  readAddresses(words, u8, about.inner, about.v6)
  const port = be16(u8, at)
  const remotePort = be16(u8, at + 2)
  const socket = table.findConnection(dev.ns, words, SRC, port, words, DST, remotePort)
  if (socket === undefined || (IN(socket.state) & (IN(TIME_WAIT) | IN(LISTEN))) !== 0) return
  const seq = be32(u8, at + 4)
  if (before(seq, socket.una) || after(seq, socket.nxt)) return
  const { v6, type, code } = about
  if (v6 ? type === h.ICMP6_PKT_TOOBIG : type === h.ICMP_DEST_UNREACH && code === h.ICMP_FRAG_NEEDED) {
    learnMtu(tcp, socket, about)
  } else if ((IN(socket.state) & OPENING) !== 0) fail(tcp, socket, about.errno)
  else socket.softError = about.errno
}

/** Segments are shorter from now on, and those that were too long are sent again. */
function learnMtu(tcp: TcpContext, socket: TcpSocket, { v6, info }: IcmpError): void {
  const { stack } = tcp
  const least = v6 ? h.IP6_MIN_MTU : LEAST_MTU
  stack.mtus.learn(socket.ns, socket.remote, 0, info < h.IP4_MIN_MTU ? least : Math.max(info, least))
  const was = socket.mss
  if (findWay(stack, socket) !== 0) return
  learnMss(socket, stack.sending)
  if (socket.mss >= was) return
  const { flight } = socket
  for (let n = 0; n < flight.count; n++)
    if (flight.state(n) === 0 && flight.length(n) > socket.mss) flight.mark(n, 0, LOST)
  tcp.want(socket)
}
