import {
  errno,
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_LISTEN_ALL_NSID,
  NETLINK_PKTINFO,
  type NetlinkSocketOptions,
  SOL_NETLINK,
} from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { SO_RCVBUF, SO_RCVBUFFORCE, SOL_SOCKET } from '../ffi/numbers.ts'

interface Option {
  readonly name: number
  readonly text: string
  /** Undefined: the caller leaves it to us, and a kernel that is too old for it is taken as it is. */
  readonly wanted: boolean | undefined
  readonly byDefault: boolean
}

const optionsOf = (o: NetlinkSocketOptions): readonly Option[] => [
  { name: NETLINK_EXT_ACK, text: 'NETLINK_EXT_ACK', wanted: o.extAck, byDefault: true }, // 4.12
  { name: NETLINK_CAP_ACK, text: 'NETLINK_CAP_ACK', wanted: o.capAck, byDefault: false }, // 4.3
  { name: NETLINK_GET_STRICT_CHK, text: 'NETLINK_GET_STRICT_CHK', wanted: o.strict, byDefault: true }, // 4.20
  { name: NETLINK_LISTEN_ALL_NSID, text: 'NETLINK_LISTEN_ALL_NSID', wanted: o.listenAllNsid, byDefault: false }, // 4.2
]

const value = new Int32Array(1)

function set(c: Calls, fd: number, level: number, name: number, n: number): boolean {
  value[0] = n
  return c.setsockopt(fd, level, name, value, 4) === 0
}

/** Turns on what a new socket was asked for. Throws KernelError. */
export function setOptions(c: Calls, fd: number, o: NetlinkSocketOptions): void {
  for (const { name, text, wanted, byDefault } of optionsOf(o)) {
    if (!(wanted ?? byDefault) || set(c, fd, SOL_NETLINK, name, 1)) continue
    if (wanted === undefined && c.errno() === errno.ENOPROTOOPT) continue
    throw failure(c, `turn on ${text} of a netlink socket`)
  }
  if (o.receiveBuffer !== undefined) setReceiveBuffer(c, fd, o.receiveBuffer)
}

/** The kernel doubles what it is given. Beyond net.core.rmem_max only CAP_NET_ADMIN gets what it asks for. */
function setReceiveBuffer(c: Calls, fd: number, bytes: number): void {
  const half = Math.min(Math.ceil(bytes / 2), 0x3fffffff)
  if (set(c, fd, SOL_SOCKET, SO_RCVBUFFORCE, half) || set(c, fd, SOL_SOCKET, SO_RCVBUF, half)) return
  throw failure(c, `set the receive buffer of a netlink socket to ${bytes} bytes`)
}

/** Joins or leaves a multicast group. */
export const setMembership = (c: Calls, fd: number, name: number, group: number): boolean =>
  set(c, fd, SOL_NETLINK, name, group)

/** From now on datagrams come with the number of the group that they were sent to. */
export const tellGroups = (c: Calls, fd: number): boolean => set(c, fd, SOL_NETLINK, NETLINK_PKTINFO, 1)
