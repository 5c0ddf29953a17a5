import {
  type AnyTable,
  type AttrsOf,
  decodeAttrs,
  ETHTOOL,
  type ExtackAttrs,
  type GenlCommand,
  type GenlFamily,
  layoutOf,
  NETDEV,
  NETLINK_GENERIC,
  NLCTRL,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  RT_LINK,
} from '@netkit/netlink'
import { genericMessage } from '@netkit/netlink/testing'
import type { Device } from '../net/device.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { NetlinkSocket } from '../netlink/socket.ts'
import { ask, type Bench, drain, linkRequest, messagesOf, must } from './bench.ts'

const FAMILIES: readonly GenlFamily[] = [NLCTRL, NETDEV, ETHTOOL]

export interface AskOptions {
  readonly ns?: NetNamespace
  readonly dump?: boolean
  /** Besides REQUEST. Default: ACK, or the two bits of a dump. */
  readonly flags?: number
  readonly socket?: NetlinkSocket
}

/** What a kernel said: error number, extended ack, and the attributes of each reply. */
export interface Said extends Omit<ExtackAttrs, 'rest'> {
  readonly errno: number
  // biome-ignore lint/suspicious/noExplicitAny: tests read what the command's table has
  readonly replies: readonly any[]
}

const familyId = (bench: Bench, family: GenlFamily): number => bench.kernel.genl.familyId(family.name) ?? 0

/** Asks a family something; `attrs` are those of the command's table. */
export function generic<T extends AnyTable>(
  bench: Bench,
  family: GenlFamily,
  command: GenlCommand & { readonly attrs: T },
  attrs: AttrsOf<T> = {},
  o: AskOptions = {},
): Said {
  const flags = NLM_F_REQUEST | (o.flags ?? (o.dump ? NLM_F_DUMP : NLM_F_ACK))
  return genericBytes(bench, genericMessage(familyId(bench, family), command, attrs, { flags }), o)
}

/** The same with a request made by hand. */
export function genericBytes(bench: Bench, request: Uint8Array, o: AskOptions = {}): Said {
  const socket = o.socket ?? bench.generic(o.ns)
  const { replies, ack } = ask(socket, request)
  if (!o.socket) socket.close()
  return { errno: ack?.errno ?? 0, ...ack?.extack, replies: replies.map((m) => read(bench, m).attrs) }
}

function read(bench: Bench, m: ReturnType<typeof messagesOf>[number]) {
  const byId = (id: number) => FAMILIES.find((f) => familyId(bench, f) === id)
  const layout = layoutOf(NETLINK_GENERIC, m.header.type, m.data.u8(m.start + 16), byId, true)
  if (!layout) throw new Error(`a message of type ${m.header.type} that nobody knows`)
  return { c: layout.c, seq: m.header.seq, attrs: decodeAttrs(layout.attrs, m.data, m.start + 20, m.end) }
}

/** A socket in all groups of netdev and ethtool. */
export function listen(bench: Bench, ns?: NetNamespace): NetlinkSocket {
  const socket = bench.generic(ns, { receiveBuffer: 1 << 24 })
  for (const family of [NETDEV, ETHTOOL]) {
    for (const group of family.groups) socket.join(bench.kernel.genl.groupId(family.name, group) ?? 0)
  }
  return socket
}

/** What the socket has heard since it was last asked. */
export const heard = (bench: Bench, socket: NetlinkSocket) => messagesOf(drain(socket)).map((m) => read(bench, m))

/** Brings a device up or down. */
export function setUp(bench: Bench, dev: Device, up: boolean): void {
  const socket = bench.route(dev.ns)
  must(socket, linkRequest(RT_LINK.setlink, {}, { ifindex: dev.ifindex, flags: up ? 1 : 0, change: 1 }))
  socket.close()
}

/** Makes a netkit device, a single one or the peer of a pair: one that can lease queues. */
export function lessee(
  bench: Bench,
  o: { ns?: NetNamespace; queues?: number; name?: string; pair?: boolean } = {},
): Device {
  const { ns = bench.ns, queues = 4, name = 'nk0', pair = false } = o
  const socket = bench.route(ns)
  must(
    socket,
    linkRequest(
      RT_LINK.newlink,
      {
        ifname: pair ? `${name}-m` : name,
        numRxQueues: queues,
        linkinfo: {
          kind: 'netkit',
          data: pair ? { peerInfo: { ifname: name, numRxQueues: queues } } : { pairing: 'single' },
        },
      },
      {},
      NLM_F_ACK | 0x600,
    ),
  )
  socket.close()
  const dev = ns.names.get(name)
  if (!dev) throw new Error(`${name} was not made`)
  return dev
}
