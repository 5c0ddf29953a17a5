import { errno } from '@netkit/netlink'
import { HOOK } from '../../../net/device-programs.ts'
import type { NetNamespace } from '../../../net/namespace.ts'
import type { ProgramSocket } from '../../../net/program-sockets.ts'
import { PKT_SHIFT, PKT_SOCKET } from '../../../packet/fields.ts'
import type { HelperRow, HelperWorld } from './helper.ts'

const PROTO_TCP = 6
const PROTO_UDP = 17
/** Bytes of `struct bpf_sock_tuple` of IPv4 and IPv6: both addresses, both ports. */
const TUPLE4 = 12
const TUPLE6 = 36
const MAPPED = 0xffff
const LISTEN = 10
const TIME_WAIT = 6
/** Uid of what belongs to nobody. */
const NOBODY = 65534

/** Where a packet comes from, and behind that where it goes. */
const words = new Int32Array(8)

/** The namespace that programs name: that of their device, or one by the id that it has there. */
function namespaceOf(ns: NetNamespace | undefined, low: number, high: number): NetNamespace | undefined {
  if ((low | 0) < 0) return ns
  return high === 0 ? ns?.byNsid.get(low) : undefined
}

/** A socket by a tuple, held by the program: its address, or 0. Source: spec 02 §3.6, sk lookups. */
function lookUp(of: HelperWorld, protocol: number, full: boolean, args: readonly number[]): number {
  const [ctx, tuple, size, low, high, flags, flagsHigh] = args
  const { dev } = of.contexts.at(ctx)
  const ns = namespaceOf(dev?.ns, low, high)
  if (!dev || !ns || (flags | flagsHigh) !== 0 || (size !== TUPLE4 && size !== TUPLE6)) return 0
  const { view } = of.memory
  const at = tuple >>> 0
  const step = size === TUPLE4 ? 4 : 16
  for (let side = 0; side < 2; side++) readAddress(view, at + side * step, side * 4, size === TUPLE4)
  const [fromPort, toPort] = [view.getUint16(at + 2 * step), view.getUint16(at + 2 * step + 2)]
  const socket = of.sockets()?.find(ns, protocol, words, fromPort, toPort, dev.ifindex)
  if (!socket || (full && socket.state === TIME_WAIT)) return 0
  return of.socketBlocks.take(socket)
}

function readAddress(view: DataView, at: number, to: number, isIpv4: boolean): void {
  words[to] = isIpv4 ? 0 : view.getInt32(at)
  words[to + 1] = isIpv4 ? 0 : view.getInt32(at + 4)
  words[to + 2] = isIpv4 ? MAPPED : view.getInt32(at + 8)
  words[to + 3] = view.getInt32(isIpv4 ? at : at + 12)
}

const lookup = (name: string, protocol: number, full: boolean): HelperRow => ({
  name,
  args: ['u32', 'u32', 'u32', 'u64', 'u64'],
  returns: 'u32',
  body: (of, ...args) => lookUp(of, protocol, full, args),
})

/** What is told of a socket as one of TCP; 0 for others, and for those that are hardly there any more. */
function streamOf(of: HelperWorld, address: number): number {
  const socket = of.socketBlocks.at(address)
  if (socket?.state === undefined || socket.state === TIME_WAIT) return 0
  const at = of.socketBlocks.streamAt(address)
  of.sockets()?.describe(socket, of.memory.view, at)
  return at
}

/** Whether a packet is delivered to a socket of the program's choice: nowhere yet. Source: spec 02 §3.5. */
function assign(of: HelperWorld, ctx: number, address: number, flags: number): number {
  const socket = of.socketBlocks.at(address)
  if (flags !== 0 || (!socket && address !== 0)) return -errno.EINVAL
  const { dev, hook } = of.contexts.at(ctx)
  if (hook !== HOOK.tcxIngress || !socket) return -errno.EOPNOTSUPP
  return socket.ns === dev?.ns ? -errno.EOPNOTSUPP : -errno.ENETUNREACH
}

/** A helper about the socket that sent the packet. */
function senderOf(of: HelperWorld, ctx: number): ProgramSocket | undefined {
  const { contexts } = of
  const number = contexts.packets.table.fields[(contexts.at(ctx).handle << PKT_SHIFT) + PKT_SOCKET]
  return number === 0 ? undefined : of.socket(number)
}

/** Sockets: those that programs look for, and the one that sent a packet. Source: spec 02 §3.5. */
export const SOCKETS: readonly HelperRow[] = [
  lookup('sk_lookup_tcp', PROTO_TCP, true),
  lookup('sk_lookup_udp', PROTO_UDP, true),
  lookup('skc_lookup_tcp', PROTO_TCP, false),
  {
    name: 'sk_release',
    args: ['u32'],
    returns: 's32',
    body(of, socket) {
      of.socketBlocks.release(socket >>> 0)
      return 0
    },
  },
  {
    name: 'sk_fullsock',
    args: ['u32'],
    returns: 'u32',
    body: (of, socket) => (of.socketBlocks.at(socket >>> 0)?.state === TIME_WAIT ? 0 : socket),
  },
  {
    name: 'tcp_sock',
    args: ['u32'],
    returns: 'u32',
    body: (of, address) => streamOf(of, address >>> 0),
  },
  {
    name: 'sk_assign',
    args: ['u32', 'u32', 'u64'],
    returns: 's32',
    body: (of, ctx, address, flags, high) => assign(of, ctx, address >>> 0, flags | high),
  },
  {
    name: 'get_listener_sock',
    args: ['u32'],
    returns: 'u32',
    body: (of, socket) => (of.socketBlocks.at(socket >>> 0)?.state === LISTEN ? socket : 0),
  },
  {
    name: 'get_socket_cookie',
    args: ['u32'],
    returns: 'u64',
    body(of, ctx) {
      of.memory.view.setBigUint64(of.resultCell, BigInt(senderOf(of, ctx)?.number ?? 0), true)
      return 0
    },
  },
  { name: 'get_socket_uid', args: ['u32'], returns: 'u32', body: (of, ctx) => senderOf(of, ctx)?.uid ?? NOBODY },
  {
    name: 'get_netns_cookie',
    args: ['u32'],
    returns: 'u64',
    body(of, ctx) {
      const ns = ctx === 0 ? undefined : senderOf(of, ctx)?.ns
      of.memory.view.setBigUint64(of.resultCell, BigInt(ns?.cookie ?? 1), true)
      return 0
    },
  },
]
