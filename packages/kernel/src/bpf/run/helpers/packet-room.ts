import { errno } from '@netkit/netlink'
import { forgetVerified } from '../../../packet/complete-sum.ts'
import { makeWritable } from '../../../packet/edit.ts'
import * as F from '../../../packet/fields.ts'
import { insertHeader, removeHeader } from '../../../packet/header.ts'
import { changeGso, isGso, isGsoTcp, isGsoUdp } from '../../../packet/offload.ts'
import type { Packets } from '../../../packet/packets.ts'
import type { HelperRow } from './helper.ts'
import { MOST_BYTES } from './packet-size.ts'

const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd
const IPV4_HEADER = 20
const IPV6_HEADER = 40
const UDP_HEADER = 8
const GRE_HEADER = 4
const ETHERNET_HEADER = 14
const MODE_NET = 0
const MODE_MAC = 1
const MOST_DIFFERENCE = 0xfff

const FIXED_GSO = 0x1
const ENCAP_L3_IPV4 = 0x2
const ENCAP_L3_IPV6 = 0x4
const ENCAP_L4_GRE = 0x8
const ENCAP_L4_UDP = 0x10
const NO_CSUM_RESET = 0x20
const ENCAP_L2_ETH = 0x40
const DECAP_L3_IPV4 = 0x80
const DECAP_L3_IPV6 = 0x100
const DECAP_L4_GRE = 0x200
const DECAP_L4_UDP = 0x400
const DECAP_IPXIP4 = 0x800
const DECAP_IPXIP6 = 0x1000
const ENCAP_L3 = ENCAP_L3_IPV4 | ENCAP_L3_IPV6
const ENCAP_L4 = ENCAP_L4_GRE | ENCAP_L4_UDP
const DECAP_L3 = DECAP_L3_IPV4 | DECAP_L3_IPV6
const DECAP_L4 = DECAP_L4_GRE | DECAP_L4_UDP
const DECAP_IPXIP = DECAP_IPXIP4 | DECAP_IPXIP6
const DECAP = DECAP_L3 | DECAP_L4 | DECAP_IPXIP
const KNOWN = 0x1fff
/** The high half of the flags: length of the inner link-layer header in its top byte. */
const INNER_L2_SHIFT = 24
const INNER_L2 = 0xff << INNER_L2_SHIFT

const hasAll = (flags: number, mask: number): boolean => (flags & mask) === mask

const lengthOf = (protocol: number): number => (protocol === ETH_P_IP ? IPV4_HEADER : IPV6_HEADER)

/** Bytes of the network header that have to stay; an errno for flags that contradict each other or take more than is wanted. */
function leastHeader(protocol: number, difference: number, flags: number): number {
  const base = lengthOf(protocol)
  if ((flags & DECAP) === 0) return base
  if (difference >= 0) return -errno.EINVAL
  if (hasAll(flags, DECAP_L3) || hasAll(flags, DECAP_L4) || hasAll(flags, DECAP_IPXIP)) return -errno.EINVAL
  if ((flags & DECAP_L4) !== 0 && (flags & DECAP_IPXIP) !== 0) return -errno.EINVAL
  const taken =
    ((flags & DECAP_L4) !== 0 ? base : 0) +
    ((flags & DECAP_L4_UDP) !== 0 ? UDP_HEADER : 0) +
    ((flags & DECAP_L4_GRE) !== 0 ? GRE_HEADER : 0) +
    ((flags & DECAP_IPXIP4) !== 0 ? IPV4_HEADER : 0) +
    ((flags & DECAP_IPXIP6) !== 0 ? IPV6_HEADER : 0)
  if (-difference < taken) return -errno.EINVAL
  if ((flags & DECAP_L3_IPV4) !== 0) return IPV4_HEADER
  return (flags & DECAP_L3_IPV6) !== 0 ? IPV6_HEADER : base
}

function adjustRoom(packets: Packets, handle: number, difference: number, mode: number, flags: number, high: number) {
  const { fields } = packets
  const i = handle << F.PKT_SHIFT
  const protocol = fields[i + F.PKT_PROTOCOL]
  if ((flags & ~KNOWN) !== 0 || (high & ~INNER_L2) !== 0) return -errno.EINVAL
  const bytes = Math.abs(difference)
  if (bytes > MOST_DIFFERENCE) return -errno.EFAULT
  if (protocol !== ETH_P_IP && protocol !== ETH_P_IPV6) return -errno.ENOTSUPP
  if (mode !== MODE_NET && mode !== MODE_MAC) return -errno.ENOTSUPP
  const offset = fields[i + F.PKT_NETWORK] - fields[i + F.PKT_MAC] + (mode === MODE_NET ? lengthOf(protocol) : 0)
  const least = leastHeader(protocol, difference, flags)
  if (least < 0) return least
  const length = fields[i + F.PKT_LENGTH]
  const rest = length - (fields[i + F.PKT_NETWORK] - fields[i + F.PKT_DATA])
  if (difference < 0 && (bytes >= rest || rest - bytes < least)) return -errno.ENOTSUPP
  if (difference >= 0 && length + bytes > MOST_BYTES && !isGso(packets, handle)) return -errno.ENOTSUPP
  const error =
    difference < 0
      ? shrink(packets, handle, offset, bytes, flags)
      : grow(packets, handle, offset, bytes, flags, high >>> INNER_L2_SHIFT)
  if (error === 0 && (flags & NO_CSUM_RESET) === 0) forgetVerified(packets, handle)
  return error
}

/** Segments that are datagrams keep their size, or cannot be changed. */
const keepsSegments = (packets: Packets, handle: number, flags: number): boolean =>
  isGso(packets, handle) && !isGsoTcp(packets, handle) && (!isGsoUdp(packets, handle) || (flags & FIXED_GSO) === 0)

function shrink(packets: Packets, handle: number, offset: number, bytes: number, flags: number): number {
  if ((flags & ~(FIXED_GSO | NO_CSUM_RESET | DECAP)) !== 0) return -errno.EINVAL
  if (keepsSegments(packets, handle, flags)) return -errno.ENOTSUPP
  if (!removeHeader(packets, handle, offset, bytes)) return -errno.ENOMEM
  const { fields } = packets
  const i = handle << F.PKT_SHIFT
  if ((flags & DECAP_L3_IPV6) !== 0) fields[i + F.PKT_PROTOCOL] = ETH_P_IPV6
  else if ((flags & DECAP_L3_IPV4) !== 0) fields[i + F.PKT_PROTOCOL] = ETH_P_IP
  if ((flags & (DECAP_L4 | DECAP_IPXIP)) !== 0) leaveTunnel(fields, i, flags)
  if (isGso(packets, handle)) changeGso(packets, handle, (flags & FIXED_GSO) !== 0 ? 0 : bytes, 0)
  return 0
}

/** The header of a tunnel is gone. */
function leaveTunnel(fields: Int32Array, i: number, flags: number): void {
  const types =
    ((flags & DECAP_L4_UDP) !== 0 ? F.GSO_UDP_TUNNEL : 0) |
    ((flags & DECAP_L4_GRE) !== 0 ? F.GSO_GRE : 0) |
    ((flags & DECAP_IPXIP4) !== 0 ? F.GSO_IPXIP4 : 0) |
    ((flags & DECAP_IPXIP6) !== 0 ? F.GSO_IPXIP6 : 0)
  fields[i + F.PKT_GSO_TYPE] &= ~types
  fields[i + F.PKT_STATE] &= ~F.FLAG_ENCAPSULATED
  fields[i + F.PKT_INNER_NETWORK] = 0
}

/** Why headers of a tunnel cannot be put there; 0 if they can. */
function checkTunnel(packets: Packets, handle: number, bytes: number, flags: number, innerL2: number): number {
  if (hasAll(flags, ENCAP_L3) || hasAll(flags, ENCAP_L4)) return -errno.EINVAL
  if ((flags & ENCAP_L2_ETH) !== 0 && innerL2 < ETHERNET_HEADER) return -errno.EINVAL
  if ((packets.fields[(handle << F.PKT_SHIFT) + F.PKT_STATE] & F.FLAG_ENCAPSULATED) !== 0) return -errno.EALREADY
  return innerL2 > bytes ? -errno.EINVAL : 0
}

function grow(packets: Packets, handle: number, offset: number, bytes: number, flags: number, innerL2: number) {
  if (keepsSegments(packets, handle, flags)) return -errno.ENOTSUPP
  if (!makeWritable(packets, handle, bytes)) return -errno.ENOMEM
  const isTunnel = (flags & ENCAP_L3) !== 0
  const error = isTunnel ? checkTunnel(packets, handle, bytes, flags, innerL2) : 0
  if (error !== 0) return error
  if (!insertHeader(packets, handle, offset, bytes)) return -errno.ENOMEM
  const types = isTunnel ? enterTunnel(packets.fields, handle << F.PKT_SHIFT, bytes, flags) : 0
  if (isGso(packets, handle)) changeGso(packets, handle, (flags & FIXED_GSO) !== 0 ? 0 : -bytes, types)
  return 0
}

/** The inserted bytes are the headers of a tunnel; how its segments are to be cut. */
function enterTunnel(fields: Int32Array, i: number, bytes: number, flags: number): number {
  const isIpv6 = (flags & ENCAP_L3_IPV6) !== 0
  fields[i + F.PKT_STATE] |= F.FLAG_ENCAPSULATED
  fields[i + F.PKT_DST] = 0
  fields[i + F.PKT_INNER_NETWORK] = fields[i + F.PKT_NETWORK] + bytes
  if ((flags & ENCAP_L4) !== 0) {
    fields[i + F.PKT_TRANSPORT] = fields[i + F.PKT_NETWORK] + (isIpv6 ? IPV6_HEADER : IPV4_HEADER)
  }
  fields[i + F.PKT_PROTOCOL] = isIpv6 ? ETH_P_IPV6 : ETH_P_IP
  if ((flags & ENCAP_L4_UDP) !== 0) return F.GSO_UDP_TUNNEL
  if ((flags & ENCAP_L4_GRE) !== 0) return F.GSO_GRE
  return isIpv6 ? F.GSO_IPXIP6 : F.GSO_IPXIP4
}

/** Room between headers, for those of tunnels. Source: spec 02 §3.6, skb_adjust_room, in its order. */
export const PACKET_ROOM: readonly HelperRow[] = [
  {
    name: 'skb_adjust_room',
    args: ['u32', 'u32', 'u32', 'u64'],
    returns: 's32',
    body({ contexts }, ctx, difference, mode, flags, high) {
      const context = contexts.at(ctx)
      contexts.settle(context)
      const result = adjustRoom(contexts.packets, context.handle, difference, mode, flags, high)
      contexts.refresh(context)
      return result
    },
  },
]
