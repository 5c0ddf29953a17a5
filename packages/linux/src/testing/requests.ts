import {
  type Datagram,
  type LinkAttrs,
  type LinkHeader,
  type Message,
  type NetlinkDoor,
  NLM_F_ACK,
  NLM_F_REQUEST,
  type RouteMessage,
  splitMessages,
} from '@netkit/netlink'
import { routeMessage } from '@netkit/netlink/testing'

let seq = 0

/** An rtnetlink request about links, by default one that is acknowledged. */
export const linkRequest = (
  message: RouteMessage,
  attrs: LinkAttrs = {},
  header: Partial<LinkHeader> = {},
  flags = NLM_F_ACK,
): Uint8Array => routeMessage(message, header, attrs, { flags: NLM_F_REQUEST | flags, seq: ++seq })

/** Messages that come to a socket, `count` of them or more. */
export async function read(socket: NetlinkDoor, count: number): Promise<Message[]> {
  const messages: Message[] = []
  for await (const { bytes } of socket.receive()) {
    messages.push(...splitMessages(bytes))
    if (messages.length >= count) break
  }
  return messages
}

/** The types of the next messages. */
export const readTypes = async (socket: NetlinkDoor, count: number): Promise<number[]> =>
  (await read(socket, count)).map((m) => m.header.type)

/** The next datagram. */
export async function nextOf(socket: NetlinkDoor): Promise<Datagram | undefined> {
  for await (const datagram of socket.receive()) return datagram
  return undefined
}
