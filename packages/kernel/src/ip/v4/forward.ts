import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { forwards4 } from '../../net/forwarding.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeWritable } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { fitsInto } from '../../packet/segment-length.ts'
import { be16, put16 } from '../core/address.ts'
import * as h from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { sendError4 } from './icmp-send.ts'
import { send4 } from './output.ts'

// Engines fold constants of the own module, not imported ones.
const {
  FLAG_IGNORE_DF,
  PKT_DATA,
  PKT_PRIORITY,
  PKT_SHIFT,
  PKT_STATE,
  PKT_TSTAMP_HI,
  PKT_TSTAMP_LO,
  TYPE_HOST,
  TYPE_MASK,
} = layout
const { IP_DF } = h

/** Priority that a type of service stands for, by its four bits. Source: tc-prio(8). */
const PRIORITY = [0, 1, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4]

/** A packet is for somebody else: it is sent on where this device forwards. Source: RFC 1812 §5.3. */
export function forward4(stack: IpStack, dev: Device, handle: number): void {
  const { flow, packets, path } = stack
  if (!forwards4(dev)) {
    path.drop(dev, handle, flow.error === -errno.ENETUNREACH ? DROP.IP_INNOROUTES : DROP.IP_INADDRERRORS)
    return
  }
  if (flow.error !== 0) {
    refuse(stack, dev, handle)
    return
  }
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  if ((fields[i + PKT_STATE] & TYPE_MASK) !== TYPE_HOST) {
    path.drop(dev, handle, DROP.NOT_SPECIFIED)
    return
  }
  let at = fields[i + PKT_DATA]
  let { u8 } = packets.memory
  if (u8[at + 8] <= 1) {
    sendError4(stack, dev.ns, handle, h.ICMP_TIME_EXCEEDED, h.ICMP_EXC_TTL, 0, false)
    path.drop(dev, handle, DROP.IP_INHDR)
    return
  }
  const whole = (be16(u8, at + 6) & IP_DF) !== 0 && (fields[i + PKT_STATE] & FLAG_IGNORE_DF) === 0
  if (whole && !fitsInto(packets, handle, flow.mtu)) {
    sendError4(stack, dev.ns, handle, h.ICMP_DEST_UNREACH, h.ICMP_FRAG_NEEDED, flow.mtu, false)
    path.drop(dev, handle, DROP.PKT_TOO_BIG)
    return
  }
  if (!makeWritable(packets, handle, flow.dev?.neededHeadroom ?? 0)) {
    path.drop(dev, handle, DROP.NOMEM)
    return
  }
  at = packets.table.fields[i + PKT_DATA]
  u8 = packets.memory.u8
  decrementTtl(u8, at)
  packets.table.fields[i + PKT_PRIORITY] = PRIORITY[(u8[at + 1] & 0x1e) >> 1]
  packets.table.fields[i + PKT_TSTAMP_LO] = 0
  packets.table.fields[i + PKT_TSTAMP_HI] = 0
  send4(stack, flow, handle)
}

/** The checksum changes by what the TTL changes by. Source: RFC 1624. */
function decrementTtl(u8: Uint8Array, at: number): void {
  u8[at + 8]--
  const sum = be16(u8, at + 10) + 0x100
  put16(u8, at + 10, sum >= 0xffff ? (sum + 1) & 0xffff : sum)
}

/** There is no way, or none is allowed. */
function refuse(stack: IpStack, dev: Device, handle: number): void {
  const { error } = stack.flow
  const code =
    error === -errno.EACCES
      ? h.ICMP_PKT_FILTERED
      : error === -errno.ENETUNREACH
        ? h.ICMP_NET_UNREACH
        : error === -errno.EHOSTUNREACH
          ? h.ICMP_HOST_UNREACH
          : -1
  if (code >= 0) sendError4(stack, dev.ns, handle, h.ICMP_DEST_UNREACH, code, 0, false)
  stack.path.drop(dev, handle, code === h.ICMP_NET_UNREACH ? DROP.IP_INNOROUTES : DROP.IP_INADDRERRORS)
}
