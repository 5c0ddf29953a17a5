import { errno, IFF_LOOPBACK } from '@netkit/netlink'
import { copyWords, isAny, isLinkLocal6 } from '../core/address.ts'
import { DST, type Flow, SRC } from '../core/flow.ts'
import { IP4_HEADER, IP6_HEADER, PROTO_TCP, RTN_BROADCAST, RTN_MULTICAST } from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { LEAST_MSS, TCP_HEADER, TIMESTAMP_BYTES } from './numbers.ts'
import type { TcpSocket } from './socket.ts'

/** Asks routing for the way of a connection; 0 with `stack.sending` answered, or a negative errno. */
export function findWay(stack: IpStack, socket: TcpSocket): number {
  const { sending: flow } = stack
  const v4 = socket.over4
  flow.v6 = !v4
  flow.iif = 0
  flow.mark = socket.mark
  flow.tos = v4 ? socket.tos & 0x1e : socket.trafficClass
  flow.protocol = PROTO_TCP
  copyWords(flow.words, DST, socket.remote, 0)
  copyWords(flow.words, SRC, socket.local, 0)
  if (v4 && isAny(socket.local, 0)) flow.words[SRC + 2] = 0xffff
  flow.oif = socket.device
  if (flow.oif === 0 && !v4 && isLinkLocal6(flow.words, DST)) flow.oif = socket.scope
  stack.routing.output(socket.ns, flow)
  if (flow.error !== 0) return flow.error
  if (flow.dev === undefined || flow.type === RTN_BROADCAST || flow.type === RTN_MULTICAST) return -errno.ENETUNREACH
  copyWords(flow.words, SRC, flow.source, 0)
  if ((flow.dev.flags & IFF_LOOPBACK) === 0) flow.mtu = stack.mtus.of(socket.ns, flow.words, DST, flow.mtu)
  return 0
}

/** Segment size that is told in a SYN: what the way takes without options. */
export const advertisedMss = (socket: TcpSocket, { mtu, v6 }: Flow): number => {
  const most = Math.max(LEAST_MSS, mtu - (v6 ? IP6_HEADER : IP4_HEADER) - TCP_HEADER)
  const bounded = Math.min(most, 0xffff)
  return socket.userMss === 0 ? bounded : Math.min(bounded, socket.userMss)
}

/** Bytes of data that a segment of the connection may have from now on. Source: RFC 6691. */
export function learnMss(socket: TcpSocket, { mtu, v6 }: Flow): void {
  if (mtu === socket.pathMtu) return
  socket.pathMtu = mtu
  const most = mtu - (v6 ? IP6_HEADER : IP4_HEADER) - TCP_HEADER
  let mss = Math.min(most, socket.peerMss)
  if (socket.userMss !== 0) mss = Math.min(mss, socket.userMss)
  if (socket.timestamps) mss -= TIMESTAMP_BYTES
  socket.mss = Math.max(mss, LEAST_MSS - TIMESTAMP_BYTES)
}
