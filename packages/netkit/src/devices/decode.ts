import { decodeAttrs, LINK, type LinkAttrs } from '@netkit/netlink'
import type { Reply } from '../request/exchange.ts'

/** A link message as it came: the fields of its header that say something, and its attributes. */
export interface LinkMessage {
  readonly ifindex: number
  /** Hardware type, ARPHRD_*. */
  readonly type: number
  /** IFF_*. */
  readonly flags: number
  /** The flags that changed; all of them when a device came or went. */
  readonly change: number
  readonly attrs: LinkAttrs
}

const MESSAGE_HEADER = 16
const LINK_HEADER = 16

/** Reads the payload of RTM_NEWLINK or RTM_DELLINK. Throws DecodeError where the bytes are not what their table says. */
export function decodeLink({ data, start, end }: Reply): LinkMessage {
  const at = start + MESSAGE_HEADER
  return {
    ifindex: data.s32(at + 4),
    type: data.u16(at + 2),
    flags: data.u32(at + 8),
    change: data.u32(at + 12),
    attrs: decodeAttrs(LINK, data, at + LINK_HEADER, end),
  }
}
