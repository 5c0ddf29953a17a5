import { errno } from '@netkit/netlink'
import { checksumOf } from '../../../packet/complete-sum.ts'
import { isShared } from '../../../packet/edit.ts'
import {
  CSUM_COMPLETE,
  PKT_CSUM,
  PKT_DATA,
  PKT_LINEAR,
  PKT_NETWORK,
  PKT_PROTOCOL,
  PKT_SHIFT,
  PKT_STATE,
  PKT_TSTAMP_HI,
  PKT_TSTAMP_LO,
  TSTAMP_MASK,
  TSTAMP_SHIFT,
} from '../../../packet/fields.ts'
import type { Packets } from '../../../packet/packets.ts'
import { addSums, subtractSums } from '../../../packet/sum.ts'
import { protocolBehindTags } from '../../../packet/vlan-tags.ts'
import type { HelperRow } from './helper.ts'

const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd
const IPV4_HEADER = 20
const IPV6_HEADER = 40
const CLOCK_TAI = 2
const CE = 3

function setTimestamp({ fields }: Packets, handle: number, low: number, high: number, clock: number): number {
  const i = handle << PKT_SHIFT
  const protocol = fields[i + PKT_PROTOCOL]
  if (protocol !== ETH_P_IP && protocol !== ETH_P_IPV6) return -errno.EOPNOTSUPP
  if (clock >>> 0 > CLOCK_TAI || (clock !== 0 && (low | high) === 0)) return -errno.EINVAL
  fields[i + PKT_TSTAMP_LO] = low
  fields[i + PKT_TSTAMP_HI] = high
  fields[i + PKT_STATE] = (fields[i + PKT_STATE] & ~TSTAMP_MASK) | (clock << TSTAMP_SHIFT)
  return 0
}

/** Marks congestion in an IP header; 1 if it is marked now, 0 if the packet does not know of such marks. */
function setCongested(packets: Packets, handle: number): number {
  const { fields } = packets
  const i = handle << PKT_SHIFT
  const protocol = protocolBehindTags(packets, handle)
  const length = protocol === ETH_P_IP ? IPV4_HEADER : protocol === ETH_P_IPV6 ? IPV6_HEADER : 0
  const at = fields[i + PKT_NETWORK]
  if (length === 0 || at + length > fields[i + PKT_DATA] + fields[i + PKT_LINEAR]) return 0
  if (isShared(packets, handle)) return 0
  return protocol === ETH_P_IP ? setCongested4(packets.memory.u8, at) : setCongested6(packets, handle, at)
}

function setCongested4(u8: Uint8Array, at: number): number {
  const ecn = u8[at + 1] & CE
  if (ecn === 0) return 0
  if (ecn === CE) return 1
  // The header's sum grows by 3 - ecn, in the low byte of a word: its inverse shrinks by that.
  const sum = ((u8[at + 10] << 8) | u8[at + 11]) + 0xffff - (CE - ecn)
  const folded = sum >= 0xffff ? sum - 0xffff : sum
  u8[at + 10] = folded >>> 8
  u8[at + 11] = folded
  u8[at + 1] |= CE
  return 1
}

function setCongested6(packets: Packets, handle: number, at: number): number {
  const { u8 } = packets.memory
  if ((u8[at + 1] & 0x30) === 0) return 0
  const word = (): number => u8[at] | (u8[at + 1] << 8) | (u8[at + 2] << 16) | (u8[at + 3] << 24)
  const before = word()
  u8[at + 1] |= CE << 4
  if (checksumOf(packets, handle) === CSUM_COMPLETE) {
    const i = (handle << PKT_SHIFT) + PKT_CSUM
    packets.fields[i] = addSums(subtractSums(packets.fields[i], before), word())
  }
  return 1
}

/** Marks of time and congestion. Source: spec 02 §3.6. */
export const PACKET_MARKS: readonly HelperRow[] = [
  {
    name: 'skb_set_tstamp',
    args: ['u32', 'u64', 'u32'],
    returns: 's32',
    body({ contexts }, ctx, low, high, clock) {
      const context = contexts.at(ctx)
      contexts.settle(context)
      const result = setTimestamp(contexts.packets, context.handle, low, high, clock)
      contexts.refresh(context)
      return result
    },
  },
  {
    name: 'skb_ecn_set_ce',
    args: ['u32'],
    returns: 's32',
    body: ({ contexts }, ctx) => setCongested(contexts.packets, contexts.at(ctx).handle),
  },
]
