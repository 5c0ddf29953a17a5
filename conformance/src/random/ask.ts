import type { NetlinkSocket, Received } from '@netkit/kernel'
import {
  type Ack,
  type AnyTable,
  type AttrsOf,
  decodeAck,
  decodeAttrs,
  decodeDone,
  LINK,
  LINK_HEADER,
  type LinkAttrs,
  type LinkHeader,
  type Message,
  type NetkitData,
  NLMSG_DONE,
  NLMSG_ERROR,
  splitMessages,
} from '@netkit/netlink'

/** What a socket got because of a request. */
export interface Answer {
  readonly replies: readonly Message[]
  /** The last acknowledgement, or the end of the dump. */
  readonly ack: Ack | undefined
}

/** Everything that waits in a socket. */
export function drain(socket: NetlinkSocket): Received[] {
  const list: Received[] = []
  for (let item = socket.receive(); item; item = socket.receive()) list.push(item)
  return list
}

export function ask(socket: NetlinkSocket, request: Uint8Array): Answer {
  socket.send(request)
  const replies: Message[] = []
  let ack: Ack | undefined
  for (const item of drain(socket)) {
    for (const m of splitMessages(item.bytes)) {
      if (m.header.type === NLMSG_ERROR) ack = decodeAck(m)
      else if (m.header.type === NLMSG_DONE) ack = decodeDone(m)
      else replies.push(m)
    }
  }
  return { replies, ack }
}

/** A link as messages show it. */
export type Link = LinkAttrs & { readonly header: Required<LinkHeader> }

export function linkOf(m: Message): Link {
  const body = m.start + 16
  const header = LINK_HEADER.decode(m.data, body, body + LINK_HEADER.size) as Required<LinkHeader>
  return { header, ...decodeAttrs(LINK, m.data, body + LINK_HEADER.size, m.end) }
}

/** What is particular to a netkit link; undefined of other links. */
export const netkitOf = (link: LinkAttrs): NetkitData | undefined =>
  link.linkinfo?.kind === 'netkit' ? (link.linkinfo.data as NetkitData) : undefined

/** Attributes behind the headers: 32 bytes of link messages, 20 of nsid and generic ones. */
export const attrsOf = <T extends AnyTable>(m: Message, table: T, headers: number): AttrsOf<T> =>
  decodeAttrs(table, m.data, m.start + headers, m.end)
