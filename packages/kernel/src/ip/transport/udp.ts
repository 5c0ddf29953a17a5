import type { Device } from '../../net/device.ts'
import { checksumOk } from '../../packet/checksum.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear, trim } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { be16, readAddresses } from '../core/address.ts'
import { DST, SRC } from '../core/flow.ts'
import * as h from '../core/headers.ts'
import type { IcmpError, IpStack, Transport } from '../core/stack.ts'
import { pseudoHeader, transportLength } from '../core/transport-checksum.ts'
import { sendError4 } from '../v4/icmp-send.ts'
import { sendError6 } from '../v6/icmp-send.ts'
import { tellSocket } from './error.ts'
import type { DatagramSocket } from './socket.ts'
import { type SocketTable, scoreOf } from './table.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_DATA, PKT_NETWORK, PKT_SHIFT, PKT_TRANSPORT } = layout
const { PROTO_UDP, RTN_LOCAL, UDP_HEADER } = h

/** UDP: packets to the sockets of a table. Source: RFC 768, RFC 1122 §4.1, RFC 8200 §8.1. */
export const udp = (sockets: SocketTable): Transport => ({
  receive(stack, dev, handle) {
    const { packets, path, flow } = stack
    const i = handle << PKT_SHIFT
    const offset = packets.table.fields[i + PKT_TRANSPORT] - packets.table.fields[i + PKT_DATA]
    const reason = check(stack, handle, offset)
    if (reason !== 0) {
      path.drop(dev, handle, reason)
      return
    }
    const { u8 } = packets.memory
    const at = packets.table.fields[i + PKT_TRANSPORT]
    const port = be16(u8, at + 2)
    if (flow.type !== RTN_LOCAL) {
      deliverToAll(stack, sockets, dev, handle, port, be16(u8, at))
      return
    }
    const socket = sockets.find(dev.ns, flow.words, DST, port, SRC, be16(u8, at), dev.ifindex)
    if (socket !== undefined) queue(stack, dev, socket, handle)
    else refuse(stack, dev, handle)
  },

  error(stack, dev, about) {
    const { packets } = stack
    const { u8 } = packets.memory
    const here = be16(u8, about.transport)
    const there = be16(u8, about.transport + 2)
    quotedAddresses(stack, about)
    // The quoted packet went from us to them.
    const socket = sockets.find(dev.ns, stack.sending.words, SRC, here, DST, there, dev.ifindex)
    if (socket !== undefined) tellSocket(stack, socket, about, about.transport + UDP_HEADER, there)
  },
})

/** Length and checksum; 0, or why the packet is dropped. */
function check(stack: IpStack, handle: number, offset: number): number {
  const { packets, flow } = stack
  const i = handle << PKT_SHIFT
  if (!makeLinear(packets, handle, offset + UDP_HEADER)) return DROP.HDR_TRUNC
  const { u8 } = packets.memory
  const at = packets.table.fields[i + PKT_TRANSPORT]
  const there = transportLength(packets, handle)
  const length = be16(u8, at + 4)
  if (length > there || length < UDP_HEADER) return DROP.PKT_TOO_SMALL
  if (length < there) trim(packets, handle, offset + length)
  if (be16(u8, at + 6) === 0) return flow.v6 ? DROP.UDP_CSUM : 0
  const pseudo = pseudoHeader(packets, packets.table.fields[i + PKT_NETWORK], flow.v6, PROTO_UDP, length)
  return checksumOk(packets, handle, offset, pseudo) ? 0 : DROP.UDP_CSUM
}

export function queue(stack: IpStack, dev: Device, socket: DatagramSocket, handle: number): void {
  if (!socket.push(stack.packets, handle)) stack.path.drop(dev, handle, DROP.SOCKET_RCVBUFF)
  else socket.onReadable?.()
}

/** Broadcasts and multicasts go to every socket that wants them. */
function deliverToAll(
  stack: IpStack,
  sockets: SocketTable,
  dev: Device,
  handle: number,
  port: number,
  remotePort: number,
): void {
  const { packets, flow } = stack
  let last: DatagramSocket | undefined
  for (let socket = sockets.first(dev.ns, port); socket !== undefined; socket = socket.next) {
    if (socket.port !== port || socket.ns !== dev.ns) continue
    if (scoreOf(socket, flow.words, DST, SRC, remotePort, dev.ifindex) === 0) continue
    if (last !== undefined) {
      const copy = packets.clone(handle)
      if (copy >= 0) queue(stack, dev, last, copy)
    }
    last = socket
  }
  if (last !== undefined) queue(stack, dev, last, handle)
  else stack.path.drop(dev, handle, DROP.NO_SOCKET)
}

function refuse(stack: IpStack, dev: Device, handle: number): void {
  if (stack.flow.v6) sendError6(stack, dev, handle, h.ICMP6_DEST_UNREACH, h.ICMP6_PORT_UNREACH, 0, true)
  else sendError4(stack, dev.ns, handle, h.ICMP_DEST_UNREACH, h.ICMP_PORT_UNREACH, 0, true)
  stack.path.drop(dev, handle, DROP.NO_SOCKET)
}

/** Reads the addresses of the packet that an ICMP error quotes into the flow of what is sent. */
export function quotedAddresses(stack: IpStack, { v6, inner }: IcmpError): void {
  const { words } = stack.sending
  const { u8 } = stack.packets.memory
  readAddresses(words, u8, inner, v6)
}
