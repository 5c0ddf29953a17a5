import { IFF_LOOPBACK } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeWritable, pull } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { be32, copyWords, setV4 } from '../core/address.ts'
import { DST, SRC } from '../core/flow.ts'
import { ICMP_ECHOREPLY, PROTO_ICMP, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from '../core/headers.ts'
import { renew } from '../core/renew.ts'
import type { IpStack } from '../core/stack.ts'
import { sendIcmp4 } from './icmp-send.ts'

const { CSUM_MASK, PKT_DATA, PKT_NETWORK, PKT_SHIFT, PKT_STATE, PKT_TRANSPORT } = layout

/** Answers an echo or timestamp request with the packet itself, sent back: its payload stays where it is. `reply`: its type then.
 *  Source: RFC 792, RFC 1122 §3.2.2. */
export function answerEcho4(stack: IpStack, dev: Device, handle: number, reply = ICMP_ECHOREPLY): void {
  const { packets, sending: flow } = stack
  const { ns } = dev
  const { settings } = ns
  const toMany = stack.flow.type !== RTN_LOCAL
  if (settings.echoIgnoreAll !== 0 || (toMany && settings.echoIgnoreBroadcasts !== 0)) {
    packets.free(handle)
    return
  }
  const i = handle << PKT_SHIFT
  const { u8 } = packets.memory
  const at = packets.fields[i + PKT_NETWORK]
  const tos = u8[at + 1]
  flow.v6 = false
  flow.oif = 0
  flow.iif = 0
  flow.mark = 0
  flow.tos = tos & 0x1e
  flow.protocol = PROTO_ICMP
  setV4(flow.words, SRC, toMany ? 0 : be32(u8, at + 16))
  setV4(flow.words, DST, be32(u8, at + 12))
  stack.routing.output(ns, flow)
  const { dev: out } = flow
  const refused = flow.error !== 0 || out === undefined || flow.type === RTN_BROADCAST || flow.type === RTN_MULTICAST
  if (refused || echoLimited(stack, dev, out)) {
    packets.free(handle)
    return
  }
  const header = packets.fields[i + PKT_TRANSPORT] - packets.fields[i + PKT_DATA]
  if (!makeWritable(packets, handle) || !pull(packets, handle, header)) {
    packets.drop(handle, DROP.NOMEM)
    return
  }
  copyWords(flow.words, SRC, flow.source, 0)
  renew(packets, handle)
  packets.fields[i + PKT_STATE] &= ~CSUM_MASK
  packets.memory.u8[packets.fields[i + PKT_DATA]] = reply
  sendIcmp4(stack, ns, flow, handle, tos)
}

/** Echo replies are limited only where an administrator has said so. */
function echoLimited(stack: IpStack, { ns }: Device, out: Device): boolean {
  if (((1 << ICMP_ECHOREPLY) & ns.settings.icmpRateMask) === 0 || (out.flags & IFF_LOOPBACK) !== 0) return false
  return !stack.limits.allow(ns, stack.sending.words, DST, ns.settings.icmpRateLimit)
}
