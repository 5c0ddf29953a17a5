import type { Device } from '../../net/device.ts'
import * as layout from '../../packet/fields.ts'
import { copyWords, isLinkLocal6, put16, put32 } from '../core/address.ts'
import { DST, SRC } from '../core/flow.ts'
import { IP_DF, PROTO_TCP } from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { leaveChecksum, pseudoHeader } from '../core/transport-checksum.ts'
import { type Header4, putHeader4 } from '../v4/header.ts'
import { send4 } from '../v4/output.ts'
import { putHeader6 } from '../v6/header.ts'
import { send6 } from '../v6/output.ts'
import { ACK, RST, TCP_HEADER } from './numbers.ts'
import type { Segment } from './segment.ts'

const { PKT_DATA, PKT_NETWORK, PKT_SHIFT } = layout
const HEADROOM = 96
const CHECKSUM_FIELD = 16
const header: Header4 = { ttl: 0, tos: 0, id: 0, fragment: IP_DF }

/**
 * Answers a segment that belongs to no connection, or to none that it could belong to, with a reset. `stack.flow` has its
 * addresses. Source: RFC 9293 §3.10.7.1.
 */
export function sendReset(stack: IpStack, dev: Device, segment: Segment): void {
  if ((segment.flags & RST) !== 0 || !findWayBack(stack, dev)) return
  const { packets, sending: flow } = stack
  const handle = packets.alloc(TCP_HEADER, HEADROOM)
  if (handle < 0) return
  const at = packets.table.fields[(handle << PKT_SHIFT) + PKT_DATA]
  const { u8 } = packets.memory
  const hasAck = (segment.flags & ACK) !== 0
  put16(u8, at, segment.port)
  put16(u8, at + 2, segment.sourcePort)
  put32(u8, at + 4, hasAck ? segment.ack : 0)
  put32(u8, at + 8, hasAck ? 0 : segment.end)
  put32(u8, at + 12, (TCP_HEADER << 26) | ((hasAck ? RST : RST | ACK) << 16))
  put32(u8, at + 16, 0)
  const { settings } = dev.ns
  header.ttl = settings.defaultTtl
  const made = flow.v6
    ? putHeader6(stack, flow, handle, settings.hopLimit6, 0)
    : putHeader4(stack, flow, handle, header)
  if (!made) {
    packets.free(handle)
    return
  }
  const network = packets.table.fields[(handle << PKT_SHIFT) + PKT_NETWORK]
  leaveChecksum(packets, handle, CHECKSUM_FIELD, pseudoHeader(packets, network, flow.v6, PROTO_TCP, TCP_HEADER))
  const sent = flow.v6 ? send6(stack, flow, handle, false) : send4(stack, flow, handle)
  if (!sent) packets.free(handle)
}

/** The way from where a segment went to where it came from. */
function findWayBack(stack: IpStack, dev: Device): boolean {
  const { flow: received, sending: flow } = stack
  flow.v6 = received.v6
  flow.iif = 0
  flow.mark = 0
  flow.tos = 0
  flow.protocol = PROTO_TCP
  copyWords(flow.words, SRC, received.words, DST)
  copyWords(flow.words, DST, received.words, SRC)
  flow.oif = flow.v6 && isLinkLocal6(flow.words, DST) ? dev.ifindex : 0
  stack.routing.output(dev.ns, flow)
  copyWords(flow.words, SRC, flow.source, 0)
  return flow.error === 0 && flow.dev !== undefined
}
