import {
  LINK,
  LINKINFO,
  NETKIT,
  NSID,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_GETNSID,
  RTM_NEWLINK,
  RTM_NEWNSID,
  RTM_SETLINK,
  VETH,
} from '@netkit/netlink'
import type { Scenario, Send, SocketSettings, Step } from './scenario.ts'
import {
  attr,
  type Bytes,
  CREATE,
  DUMP,
  hex,
  type LinkHead,
  linkHead,
  message,
  nest,
  REQ,
  str,
  u32,
  zeros,
} from './wire.ts'

/** What scenarios are made of. */

const L = LINK.ids
export const REQUESTER_PORT = 4242
export const FIRST_FD = 100
export const FIRST_PID = 30000
export const fdOf = (ns: string): number => FIRST_FD + ns.charCodeAt(0) - 65
export const pidOf = (ns: string): number => FIRST_PID + ns.charCodeAt(0) - 65

export const addNs = (ns: string, owner?: 1): Step => ({ op: 'ns-add', ns, fd: fdOf(ns), ...(owner && { owner }) })
export const addProcess = (ns: string, pid = pidOf(ns)): Step => ({ op: 'process', ns, pid })
export const deleteNs = (ns: string): Step => ({ op: 'ns-del', ns })

export interface SendOptions extends Partial<SocketSettings> {
  readonly ns?: string
  readonly note?: string
  readonly wait?: 1
}

/** One datagram of one or several messages. */
export function send(datagram: Bytes, { ns = 'A', note, wait, ...sock }: SendOptions = {}): Send {
  return {
    op: 'netlink',
    ns,
    proto: 'route',
    sock: { portid: REQUESTER_PORT, ext_ack: 1, ...sock },
    req: hex(datagram),
    ...(wait && { wait }),
    ...(note !== undefined && { note }),
  }
}

export const kind = (name: string, ...data: readonly Bytes[]): Bytes =>
  nest(L.linkinfo, attr(LINKINFO.ids.kind, str(name)), ...(data.length > 0 ? [nest(LINKINFO.ids.data, ...data)] : []))
export const name = (text: string): Bytes => attr(L.ifname, str(text))
export const inNs = (ns: string): Bytes => attr(L.netNsFd, u32(fdOf(ns)))

export const newLink = (attrs: Bytes, head: LinkHead = {}, flags = CREATE): Bytes =>
  message({ type: RTM_NEWLINK, flags }, linkHead(head), attrs)
export const modify = (attrs: Bytes, head: LinkHead = {}, flags = REQ): Bytes =>
  message({ type: RTM_NEWLINK, flags }, linkHead(head), attrs)
export const setLink = (attrs: Bytes, head: LinkHead = {}, flags = REQ): Bytes =>
  message({ type: RTM_SETLINK, flags }, linkHead(head), attrs)
export const delLink = (attrs: Bytes, head: LinkHead = {}, flags = REQ): Bytes =>
  message({ type: RTM_DELLINK, flags }, linkHead(head), attrs)
export const getLink = (attrs: Bytes, head: LinkHead = {}, flags = REQ): Bytes =>
  message({ type: RTM_GETLINK, flags }, linkHead(head), attrs)
export const dumpLinks = (attrs: Bytes = [], head: LinkHead = {}): Bytes =>
  message({ type: RTM_GETLINK, flags: DUMP }, linkHead(head), attrs)
export const up = (index: number): Bytes => modify([], { index, flags: 1, change: 1 })
export const down = (index: number): Bytes => modify([], { index, flags: 0, change: 1 })

export const nsidHead: Bytes = zeros(4)
export const newNsid = (attrs: Bytes, flags = REQ): Bytes => message({ type: RTM_NEWNSID, flags }, nsidHead, attrs)
export const getNsid = (attrs: Bytes, flags = REQ): Bytes => message({ type: RTM_GETNSID, flags }, nsidHead, attrs)
export const dumpNsids = (attrs: Bytes = []): Bytes => message({ type: RTM_GETNSID, flags: DUMP }, nsidHead, attrs)
/** Makes `ns` known by `id`. */
export const giveNsid = (ns: string, id: number): Bytes =>
  newNsid([...attr(NSID.ids.nsid, u32(id)), ...attr(NSID.ids.fd, u32(fdOf(ns)))])

const N = NETKIT.ids

/** A kind of device to try things on: how it is made, and the ifindexes that it then has in an empty namespace. */
export interface Specimen {
  readonly title: string
  readonly kind: string
  /** Attributes of a creation without a name. */
  readonly create: Bytes
  readonly index: number
  readonly peer?: number
}

const netkit = (...data: readonly Bytes[]): Bytes => kind('netkit', ...data)
const mode = (n: number): Bytes => attr(N.mode, u32(n))
const pairing = (n: number): Bytes => attr(N.pairing, u32(n))

export const SPECIMENS: readonly Specimen[] = [
  { title: 'netkit l3', kind: 'netkit', create: netkit(), index: 3, peer: 2 },
  { title: 'netkit l2', kind: 'netkit', create: netkit(mode(0)), index: 3, peer: 2 },
  { title: 'netkit single l3', kind: 'netkit', create: netkit(pairing(1)), index: 2 },
  { title: 'netkit single l2', kind: 'netkit', create: netkit(pairing(1), mode(0)), index: 2 },
  { title: 'veth', kind: 'veth', create: kind('veth'), index: 3, peer: 2 },
  { title: 'dummy', kind: 'dummy', create: kind('dummy'), index: 2 },
]

/** Information about the peer: kind's data with a link message inside. */
export function peerOf(kindName: string, head: LinkHead, attrs: Bytes, ...more: readonly Bytes[]): Bytes {
  const id = kindName === 'veth' ? VETH.ids.peer : N.peerInfo
  return kind(kindName, attr(id, [...linkHead(head), ...attrs]), ...more)
}

/** A scenario in an empty namespace A. */
export const scenario = (title: string, ...steps: readonly Step[]): Scenario => ({
  name: title,
  steps: [addNs('A'), ...steps],
})

/** Cuts a list into pieces. */
export function chunks<T>(list: readonly T[], size: number): T[][] {
  const pieces: T[][] = []
  for (let i = 0; i < list.length; i += size) pieces.push(list.slice(i, i + size))
  return pieces
}
