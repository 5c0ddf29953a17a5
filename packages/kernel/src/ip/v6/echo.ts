import type { Device } from '../../net/device.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeWritable, pull } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { be32, copyWords, isLinkLocal6, isMulticast6 } from '../core/address.ts'
import { DST, SRC } from '../core/flow.ts'
import { ICMP6_ECHO_REPLY, PROTO_ICMP6 } from '../core/headers.ts'
import { renew } from '../core/renew.ts'
import type { IpStack } from '../core/stack.ts'
import { sendIcmp6 } from './icmp-send.ts'

const { CSUM_MASK, PKT_DATA, PKT_NETWORK, PKT_SHIFT, PKT_STATE, PKT_TRANSPORT } = layout
const NO_WORDS = new Int32Array(4)

/** Answers an echo request with the packet itself, sent back: its payload stays where it is. Source: RFC 4443 §4.2. */
export function answerEcho6(stack: IpStack, dev: Device, handle: number): void {
  const { packets, sending: flow, flow: received } = stack
  const { ns } = dev
  if (ns.settings.echoIgnoreAll6 !== 0) {
    packets.free(handle)
    return
  }
  const i = handle << PKT_SHIFT
  const trafficClass = (be32(packets.memory.u8, packets.fields[i + PKT_NETWORK]) >>> 20) & 0xff
  flow.v6 = true
  flow.iif = 0
  flow.mark = 0
  flow.tos = trafficClass
  flow.protocol = PROTO_ICMP6
  if (isMulticast6(received.words, DST)) copyWords(flow.words, SRC, NO_WORDS, 0)
  else copyWords(flow.words, SRC, received.words, DST)
  copyWords(flow.words, DST, received.words, SRC)
  flow.oif = isLinkLocal6(flow.words, DST) ? dev.ifindex : 0
  stack.routing.output(ns, flow)
  const header = packets.fields[i + PKT_TRANSPORT] - packets.fields[i + PKT_DATA]
  if (flow.error !== 0 || flow.dev === undefined) {
    packets.free(handle)
    return
  }
  if (!makeWritable(packets, handle) || !pull(packets, handle, header)) {
    packets.drop(handle, DROP.NOMEM)
    return
  }
  copyWords(flow.words, SRC, flow.source, 0)
  renew(packets, handle)
  packets.fields[i + PKT_STATE] &= ~CSUM_MASK
  packets.memory.u8[packets.fields[i + PKT_DATA]] = ICMP6_ECHO_REPLY
  sendIcmp6(stack, flow, handle, ns.settings.hopLimit6, trafficClass)
}
