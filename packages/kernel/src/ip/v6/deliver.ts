import type { Device } from '../../net/device.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { readV6 } from '../core/address.ts'
import { DST, SRC } from '../core/flow.ts'
import * as h from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { extensions, walkExtensions } from './extensions.ts'
import { sendError6 } from './icmp-send.ts'

const { PKT_DATA, PKT_LENGTH, PKT_LINEAR, PKT_NETWORK, PKT_SHIFT, PKT_TRANSPORT } = layout

/** Headers are looked for in the first bytes of a packet. */
const FAR = 4096

/** A packet is for this host: extension headers are walked over, fragments wait for the others, the rest goes to its transport. */
export function deliver6(stack: IpStack, dev: Device, handle: number): void {
  const { packets } = stack
  const i = handle << PKT_SHIFT
  const at = packets.table.fields[i + PKT_NETWORK]
  const next = packets.memory.u8[at + 6]
  const transport = stack.transports6[next]
  if (transport !== undefined) {
    packets.table.fields[i + PKT_TRANSPORT] = at + h.IP6_HEADER
    transport.receive(stack, dev, handle)
  } else deliverBehindHeaders(stack, dev, handle)
}

function deliverBehindHeaders(stack: IpStack, dev: Device, handle: number): void {
  const { packets, path } = stack
  const i = handle << PKT_SHIFT
  makeLinear(packets, handle, Math.min(packets.fields[i + PKT_LENGTH], FAR))
  const at = packets.fields[i + PKT_NETWORK]
  const end = packets.fields[i + PKT_DATA] + packets.fields[i + PKT_LINEAR]
  if (!walkExtensions(packets.memory.u8, at, end, extensions)) {
    const { faultAt, faultCode } = extensions
    if (faultCode >= 0) sendError6(stack, dev, handle, h.ICMP6_PARAMPROB, faultCode, faultAt - at, true)
    path.drop(dev, handle, DROP.IPV6_BAD_EXTHDR)
    return
  }
  const { next } = extensions
  packets.fields[i + PKT_TRANSPORT] = extensions.at
  const transport = stack.transports6[next]
  if (transport !== undefined) transport.receive(stack, dev, handle)
  else if (next === h.PROTO_FRAGMENT) reassemble(stack, dev, handle)
  else if (next === h.PROTO_NONE) packets.free(handle)
  else {
    sendError6(stack, dev, handle, h.ICMP6_PARAMPROB, h.ICMP6_UNK_NEXTHDR, extensions.nextAt - at, true)
    path.drop(dev, handle, DROP.IP_NOPROTO)
  }
}

function reassemble(stack: IpStack, dev: Device, handle: number): void {
  const { packets, flow, path } = stack
  const fault = stack.reassembly6.faultOf(handle)
  if (fault !== 0) {
    const code = fault < 0 ? stack.reassembly6.incompleteCode : h.ICMP6_HDR_FIELD
    sendError6(stack, dev, handle, h.ICMP6_PARAMPROB, code, Math.max(0, fault), true)
    path.drop(dev, handle, DROP.IP_INHDR)
    return
  }
  const whole = stack.reassembly6.add(dev, handle)
  if (whole < 0) return
  const at = packets.fields[(whole << PKT_SHIFT) + PKT_NETWORK]
  readV6(flow.words, SRC, packets.memory.u8, at + 8)
  readV6(flow.words, DST, packets.memory.u8, at + 24)
  deliver6(stack, dev, whole)
}
