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
  NETLINK_GENERIC,
  NETLINK_ROUTE,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  type RouteMessage,
  RT_LINK,
  RTM_NEWLINK,
  splitMessages,
} from '@netkit/netlink'
import { routeMessage } from '@netkit/netlink/testing'
import { Kernel } from '../kernel.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { Process } from '../net/process.ts'
import type { NetlinkSocket, Received, SocketOptions } from '../netlink/socket.ts'
import { simulatedWorld } from '../world.ts'

type Options = Partial<Omit<SocketOptions, 'protocol' | 'ns'>>

/** A kernel of its own for one test, in which nothing happens by chance. */
export class Bench {
  readonly kernel: Kernel
  /** Root of the initial namespace. */
  readonly root: Process

  /** `release`: which Linux the kernel answers as. */
  constructor(seed = 1, release?: string) {
    this.kernel = new Kernel({ world: simulatedWorld(seed), release })
    this.root = this.kernel.createProcess()
  }

  get ns(): NetNamespace {
    return this.kernel.initialNs
  }

  /** A namespace that root keeps open; `fd` is its descriptor. */
  namespace(): { ns: NetNamespace; fd: number } {
    const ns = this.kernel.createNamespace()
    return { ns, fd: this.root.openNamespace(ns) }
  }

  route(ns: NetNamespace = this.ns, options: Options = {}): NetlinkSocket {
    return this.#open(NETLINK_ROUTE, ns, options)
  }

  generic(ns: NetNamespace = this.ns, options: Options = {}): NetlinkSocket {
    return this.#open(NETLINK_GENERIC, ns, options)
  }

  #open(protocol: number, ns: NetNamespace, options: Options): NetlinkSocket {
    return this.kernel.openSocket({ process: this.root, extAck: true, ...options, protocol, ns })
  }
}

let seq = 0

/** A link request with REQUEST and ACK, besides the flags that are given. */
export const linkRequest = (
  message: RouteMessage,
  attrs: LinkAttrs = {},
  header: Partial<LinkHeader> = {},
  flags = NLM_F_ACK,
): Uint8Array => routeMessage(message, header, attrs, { flags: NLM_F_REQUEST | flags, seq: ++seq })

/** All datagrams that wait. Stops before an error, which `receive` throws. */
export function drain(socket: NetlinkSocket): Received[] {
  const list: Received[] = []
  for (let item = socket.receive(); item; item = socket.receive()) list.push(item)
  return list
}

export const messagesOf = (list: readonly Received[]): Message[] => list.flatMap((item) => splitMessages(item.bytes))

/** What came back for a request: its acknowledgement or the end of its dump, and all other messages before it. */
export interface Answer {
  readonly replies: readonly Message[]
  readonly ack: Ack | undefined
}

export function ask(socket: NetlinkSocket, request: Uint8Array): Answer {
  const sent = socket.send(request)
  if (sent !== 0) throw new Error(`send returned ${sent}`)
  const messages = messagesOf(drain(socket))
  const last = messages.at(-1)
  if (last?.header.type === NLMSG_ERROR) return { replies: messages.slice(0, -1), ack: decodeAck(last) }
  if (last?.header.type === NLMSG_DONE) return { replies: messages.slice(0, -1), ack: decodeDone(last) }
  return { replies: messages, ack: undefined }
}

/** Asks for something that must succeed. */
export function must(socket: NetlinkSocket, request: Uint8Array): Answer {
  const answer = ask(socket, request)
  if (answer.ack?.errno !== 0) throw new Error(`refused: ${JSON.stringify(answer.ack)}`)
  return answer
}

/** A link message as its table reads it. */
export interface Link extends LinkAttrs {
  readonly header: Partial<LinkHeader>
}

export function linkOf(m: Message): Link {
  const body = m.start + 16
  const header = LINK_HEADER.decode(m.data, body, body + LINK_HEADER.size)
  return { header, ...decodeAttrs(LINK, m.data, body + LINK_HEADER.size, m.end) }
}

/** All links of the socket's namespace. */
export function links(socket: NetlinkSocket): Link[] {
  const { replies } = must(socket, linkRequest(RT_LINK.getlink, {}, {}, NLM_F_DUMP))
  return replies.filter((m) => m.header.type === RTM_NEWLINK).map(linkOf)
}

/** The attributes of any message behind its headers. */
export const attrsOf = <T extends AnyTable>(m: Message, table: T, headers: number): AttrsOf<T> =>
  decodeAttrs(table, m.data, m.start + headers, m.end)
