import { errno } from '@netkit/netlink'
import {
  GSO_TCPV4,
  GSO_TCPV6,
  PKT_DST,
  PKT_GSO_TYPE,
  PKT_MAC,
  PKT_NETWORK,
  PKT_PROTOCOL,
  PKT_SHIFT,
  PKT_STATE,
  TYPE_MASK,
  TYPE_OTHERHOST,
} from '../../../packet/fields.ts'
import { insertHeader, removeHeader } from '../../../packet/header.ts'
import { isGsoTcp } from '../../../packet/offload.ts'
import type { Packets } from '../../../packet/packets.ts'
import type { HelperRow } from './helper.ts'
import { clearHash } from './packet-bytes.ts'

const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd
/** Bytes that an IPv6 header is longer. */
const DIFFERENCE = 20

export const swap16 = (value: number): number => ((value & 0xff) << 8) | ((value >>> 8) & 0xff)

/** Makes room for the header of the other IP version. `protocol`: in network order, as the program has it. */
function changeProtocol(packets: Packets, handle: number, protocol: number, flags: number): number {
  const { fields } = packets
  const i = handle << PKT_SHIFT
  if (flags !== 0) return -errno.EINVAL
  const from = fields[i + PKT_PROTOCOL]
  const to = swap16(protocol)
  const grows = from === ETH_P_IP && to === ETH_P_IPV6
  if (!grows && !(from === ETH_P_IPV6 && to === ETH_P_IP)) return -errno.ENOTSUPP
  const offset = fields[i + PKT_NETWORK] - fields[i + PKT_MAC]
  const change = grows ? insertHeader : removeHeader
  if (!change(packets, handle, offset, DIFFERENCE)) return -errno.ENOMEM
  if (isGsoTcp(packets, handle)) fields[i + PKT_GSO_TYPE] ^= GSO_TCPV4 | GSO_TCPV6
  fields[i + PKT_PROTOCOL] = to
  fields[i + PKT_DST] = 0
  clearHash(packets, handle)
  return 0
}

/** What a packet is, and to whom. Source: spec 02 §3.6. */
export const PACKET_PROTOCOL: readonly HelperRow[] = [
  {
    name: 'skb_change_proto',
    args: ['u32', 'u32', 'u64'],
    returns: 's32',
    body({ contexts }, ctx, protocol, flags, high) {
      const context = contexts.at(ctx)
      contexts.settle(context)
      const result = changeProtocol(contexts.packets, context.handle, protocol, flags | high)
      contexts.refresh(context)
      return result
    },
  },
  {
    name: 'skb_change_type',
    args: ['u32', 'u32'],
    returns: 's32',
    body({ contexts }, ctx, type) {
      const context = contexts.at(ctx)
      const { fields } = contexts.packets
      const i = (context.handle << PKT_SHIFT) + PKT_STATE
      if ((fields[i] & TYPE_MASK) > TYPE_OTHERHOST || type >>> 0 > TYPE_OTHERHOST) return -errno.EINVAL
      contexts.settle(context)
      fields[i] = (fields[i] & ~TYPE_MASK) | type
      contexts.refresh(context)
      return 0
    },
  },
]
