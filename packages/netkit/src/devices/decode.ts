import { AF_SPEC, type AttrsOf, align4, decodeAttrs, ID_MASK, LINK, tableWithout } from '@netkit/netlink'
import type { Reply } from '../request/exchange.ts'

/**
 * Link attributes without the settings of IPv4 and IPv6 (IFLA_AF_SPEC): they are half of a message, and hardly anyone
 * looks at them. They are read when they are asked for.
 */
const QUICK = tableWithout(LINK, ['afSpec'])

/** Attributes of a link as the YNL specs name them, in camelCase. */
export type DeviceAttrs = AttrsOf<typeof QUICK>

/** Settings of the address families. */
export type AfSpec = AttrsOf<typeof AF_SPEC>

/** A link message as it came: the fields of its header that say something, and its attributes. */
export interface LinkMessage {
  readonly ifindex: number
  /** Hardware type, ARPHRD_*. */
  readonly type: number
  /** IFF_*. */
  readonly flags: number
  /** The flags that changed; all of them when a device came or went. */
  readonly change: number
  readonly attrs: DeviceAttrs
  readonly source: Reply
}

const MESSAGE_HEADER = 16
const LINK_HEADER = 16

/** Reads the payload of RTM_NEWLINK or RTM_DELLINK. Throws DecodeError where the bytes are not what their table says. */
export function decodeLink(source: Reply): LinkMessage {
  const { data, start, end } = source
  const at = start + MESSAGE_HEADER
  return {
    ifindex: data.s32(at + 4),
    type: data.u16(at + 2),
    flags: data.u32(at + 8),
    change: data.u32(at + 12),
    attrs: decodeAttrs(QUICK, data, at + LINK_HEADER, end),
    source,
  }
}

/** Reads what `decodeLink` left out. The message's attributes have been walked before, so that their lengths fit. */
export function decodeAfSpec({ data, start, end }: Reply): AfSpec | undefined {
  let found: AfSpec | undefined
  for (let at = start + MESSAGE_HEADER + LINK_HEADER; at < end; at += align4(data.u16(at))) {
    if ((data.u16(at + 2) & ID_MASK) === LINK.ids.afSpec) found = decodeAttrs(AF_SPEC, data, at + 4, at + data.u16(at))
  }
  return found
}
