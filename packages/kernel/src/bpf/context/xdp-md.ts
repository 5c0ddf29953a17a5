import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import type { PacketContext } from './packet-context.ts'

// Engines fold constants of the own module, not imported ones.
const { META_MASK, META_SHIFT, PKT_DATA, PKT_LINEAR, PKT_SHIFT, PKT_STATE } = layout

/** Words of a `struct xdp_md`. Source: spec 02 §7.1. */
const DATA = 0
const DATA_END = 1
const DATA_META = 2
const INGRESS_IFINDEX = 3
const RX_QUEUE_INDEX = 4
const EGRESS_IFINDEX = 5

const G_DATA = 1 << 0
const G_META = 1 << 1
const G_DEVICE = 1 << 2

/** The group of each field, by its name in `struct xdp_md`. */
export const XDP_MD_GROUPS: Readonly<Record<string, number>> = {
  data: G_DATA,
  data_end: G_DATA,
  data_meta: G_META,
  ingress_ifindex: G_DEVICE,
  rx_queue_index: G_DEVICE,
  egress_ifindex: G_DEVICE,
}

/** Shows a frame as a `struct xdp_md`: those groups of fields that are asked for. */
export function fillXdpMd({ fields, memory: { i32 } }: Packets, context: PacketContext, groups: number): void {
  const i = context.handle << PKT_SHIFT
  const c = context.address >> 2
  const data = fields[i + PKT_DATA]
  if ((groups & G_DATA) !== 0) {
    i32[c + DATA] = data
    i32[c + DATA_END] = data + fields[i + PKT_LINEAR]
  }
  if ((groups & G_META) !== 0) i32[c + DATA_META] = data - ((fields[i + PKT_STATE] & META_MASK) >>> META_SHIFT)
  if ((groups & G_DEVICE) !== 0) {
    i32[c + INGRESS_IFINDEX] = context.dev!.ifindex
    i32[c + RX_QUEUE_INDEX] = context.queue
    i32[c + EGRESS_IFINDEX] = context.egressIfindex
  }
}
