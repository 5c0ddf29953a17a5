import { AF_INET, errno, RTN_LOCAL, RTN_UNICAST } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { be32, copyWords, readAddresses, readV6, setV4 } from '../core/address.ts'
import { SRC } from '../core/flow.ts'
import { IP4_HEADER, IP6_HEADER, RTN_MULTICAST } from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'

const { PKT_DATA, PKT_MARK, PKT_SHIFT } = layout

const XMIT_DROP = 1
const hop = new Int32Array(4)
const any = new Int32Array(4)

/**
 * Sends a packet that begins with its network header to a next hop on `dev` (of AF_INET or AF_INET6, its address), or without
 * one the way that routes say leads out of it. Takes the packet. 0, a transmit code or a negative errno. Source: spec 02 §1.8.
 */
export function redirectToNeighbour(
  stack: IpStack,
  dev: Device,
  handle: number,
  nextHop: Uint8Array | undefined,
  family: number,
): number {
  const { packets, path } = stack
  const at = packets.fields[(handle << PKT_SHIFT) + PKT_DATA]
  const v6 = packets.memory.u8[at] >>> 4 === 6
  if (!makeLinear(packets, handle, v6 ? IP6_HEADER : IP4_HEADER)) {
    dev.counters.txDropped++
    path.drop(dev, handle, DROP.HDR_TRUNC)
    return -errno.EINVAL
  }
  if (nextHop === undefined) {
    if (!routed(stack, dev, handle, v6)) {
      dev.counters.txDropped++
      path.drop(dev, handle, DROP.IP_OUTNOROUTES)
      return XMIT_DROP
    }
    copyWords(hop, 0, stack.sending.hop, 0)
  } else if (family === AF_INET) setV4(hop, 0, be32(nextHop, 0))
  else readV6(hop, 0, nextHop, 0)
  stack.neighbourOutput(dev, hop, 0, v6, handle)
  stack.flush()
  return 0
}

/** Asks for the way of a packet out of `dev`. Nobody asks whether its source is ours. */
function routed(stack: IpStack, dev: Device, handle: number, v6: boolean): boolean {
  const { packets, sending: flow } = stack
  const i = handle << PKT_SHIFT
  const at = packets.fields[i + PKT_DATA]
  const { u8 } = packets.memory
  flow.v6 = v6
  readAddresses(flow.words, u8, at, v6)
  copyWords(flow.words, SRC, any, 0)
  if (!v6) flow.words[SRC + 2] = 0xffff
  flow.oif = dev.ifindex
  flow.mark = packets.fields[i + PKT_MARK]
  flow.tos = v6 ? (be32(u8, at) >>> 20) & 0xff : u8[at + 1] & 0x1e
  flow.protocol = v6 ? u8[at + 6] : u8[at + 9]
  stack.routing.output(dev.ns, flow)
  if (flow.error !== 0 || flow.type === RTN_MULTICAST) return false
  return v6 || flow.type === RTN_UNICAST || flow.type === RTN_LOCAL
}
