import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { forwards6 } from '../../net/forwarding.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeWritable } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { fitsInto } from '../../packet/segment-length.ts'
import { isAny6, isLinkLocal6, isLoopback6 } from '../core/address.ts'
import { DST, SRC } from '../core/flow.ts'
import * as h from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { deliver6 } from './deliver.ts'
import { isForProxy } from './for-proxy.ts'
import { sendError6 } from './icmp-send.ts'
import { send6 } from './output.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_NETWORK, PKT_SHIFT, PKT_STATE, PKT_TSTAMP_HI, PKT_TSTAMP_LO, TYPE_HOST, TYPE_MASK } = layout

/** A packet is for somebody else: it is sent on where the namespace forwards. Source: RFC 8200, RFC 4291 §2.5.6; order of Linux. */
export function forward6(stack: IpStack, dev: Device, handle: number): void {
  const { flow, packets, path } = stack
  if (flow.error !== 0) {
    refuse(stack, dev, handle)
    return
  }
  const i = handle << PKT_SHIFT
  if (!forwards6(dev) || (packets.fields[i + PKT_STATE] & TYPE_MASK) !== TYPE_HOST) {
    path.drop(dev, handle, DROP.IP_INADDRERRORS)
    return
  }
  const at = packets.fields[i + PKT_NETWORK]
  if (packets.memory.u8[at + 7] <= 1) {
    sendError6(stack, dev, handle, h.ICMP6_TIME_EXCEED, 0, 0, false)
    path.drop(dev, handle, DROP.IP_INHDR)
    return
  }
  if (isForProxy(stack, dev, handle)) {
    deliver6(stack, dev, handle)
    return
  }
  if (isAny6(flow.words, SRC) || isLoopback6(flow.words, SRC) || isLinkLocal6(flow.words, DST)) {
    path.drop(dev, handle, DROP.IP_INADDRERRORS)
    return
  }
  if (isLinkLocal6(flow.words, SRC)) {
    sendError6(stack, dev, handle, h.ICMP6_DEST_UNREACH, h.ICMP6_NOT_NEIGHBOUR, 0, false)
    path.drop(dev, handle, DROP.IP_INADDRERRORS)
    return
  }
  const mtu = Math.max(flow.mtu, h.IP6_MIN_MTU)
  if (!fitsInto(packets, handle, mtu)) {
    sendError6(stack, dev, handle, h.ICMP6_PKT_TOOBIG, 0, mtu, false)
    path.drop(dev, handle, DROP.PKT_TOO_BIG)
    return
  }
  if (!makeWritable(packets, handle, flow.dev?.neededHeadroom ?? 0)) {
    path.drop(dev, handle, DROP.NOMEM)
    return
  }
  packets.memory.u8[packets.fields[i + PKT_NETWORK] + 7]--
  packets.fields[i + PKT_TSTAMP_LO] = 0
  packets.fields[i + PKT_TSTAMP_HI] = 0
  if (!send6(stack, flow, handle, false)) path.drop(dev, handle, DROP.PKT_TOO_BIG)
}

/** There is no way, or none is allowed: IPv6 says so even where it does not forward. */
function refuse(stack: IpStack, dev: Device, handle: number): void {
  const { error } = stack.flow
  const code =
    error === -errno.EACCES
      ? h.ICMP6_ADM_PROHIBITED
      : error === -errno.EHOSTUNREACH
        ? h.ICMP6_ADDR_UNREACH
        : error === -errno.EINVAL
          ? -1
          : h.ICMP6_NOROUTE
  if (code >= 0) sendError6(stack, dev, handle, h.ICMP6_DEST_UNREACH, code, 0, false)
  stack.path.drop(dev, handle, DROP.IP_INNOROUTES)
}
