import { AF_INET, AF_INET6, ipBytes, ipText, refused, type SocketHandle } from '@netkit/netlink'
import { indexOf } from '../devices/look.ts'
import { type DeviceSelector, placeOf } from '../devices/selector.ts'
import { InputError, shown } from '../input/input-error.ts'
import type { NamespaceTarget } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { addressOf } from './prefix.ts'

/** An address with a port, as UDP has it. */
export interface SocketAddress {
  readonly address: string
  /** 0 to 65535. */
  readonly port: number
  /** Ifindex of the device that a link-local address of IPv6 is on. */
  readonly scope?: number
}

const SOCKADDR_IN = 16
const SOCKADDR_IN6 = 28
const SOL_SOCKET = 1
const SO_BINDTOIFINDEX = 62

/** `struct sockaddr_in` or `sockaddr_in6`. Throws InputError. */
export function encodeAddress(op: string, option: string, { address, port, scope = 0 }: SocketAddress): Uint8Array {
  const host = addressOf(op, `${option}.address`, address)
  if (!Number.isInteger(port) || port < 0 || port > 0xffff)
    throw new InputError(op, `${option}.port`, `must be an integer from 0 to 65535, not ${shown(port)}`)
  const v4 = host.length === 4
  const bytes = new Uint8Array(v4 ? SOCKADDR_IN : SOCKADDR_IN6)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, v4 ? AF_INET : AF_INET6, true)
  view.setUint16(2, port)
  bytes.set(host, v4 ? 4 : 8)
  if (!v4) view.setUint32(24, scope, true)
  return bytes
}

/** The opposite. IPv4 in addresses of IPv6 is written as IPv4. */
export function decodeAddress(bytes: Uint8Array): SocketAddress {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const port = view.getUint16(2)
  if (view.getUint16(0, true) === AF_INET) return { address: ipText(bytes.subarray(4, 8)), port }
  const text = ipText(bytes.subarray(8, 24))
  const mapped = text.startsWith('::ffff:') ? text.slice('::ffff:'.length) : ''
  if (ipBytes(mapped)?.length === 4) return { address: mapped, port }
  const scope = view.getUint32(24, true)
  return scope === 0 ? { address: text, port } : { address: text, port, scope }
}

const SOCK_DGRAM = 2

/** What a datagram socket is opened with. `protocol`: IPPROTO_*. */
export interface SocketWish {
  readonly v4: boolean
  readonly protocol: number
  readonly device?: DeviceSelector
  readonly in?: NamespaceTarget
  readonly signal?: AbortSignal
}

/** A socket that is open, and the ifindex of the device that it keeps to; 0: any. */
export interface OpenSocket {
  readonly handle: SocketHandle
  readonly ifindex: number
}

/** Opens a datagram socket. KernelError EOPNOTSUPP where the kernel has no door for it, ENODEV. */
export async function openSocket(places: Places, op: string, wish: SocketWish): Promise<OpenSocket> {
  const { doors } = places.context
  const door = doors.inetSockets
  if (!door) throw refused(op, 'EOPNOTSUPP', `the ${doors.kind} kernel is reached without a door for sockets`)
  const { device, signal } = wish
  const target = device === undefined ? wish.in : placeOf(device, wish.in)
  const ifindex = device === undefined ? 0 : await places.with(target, (scope) => indexOf(scope, op, device, signal))
  const family = wish.v4 ? AF_INET : AF_INET6
  const handle =
    target === undefined
      ? await door.socket(family, SOCK_DGRAM, wish.protocol)
      : await places.opened(target, (ns) => door.socket(family, SOCK_DGRAM, wish.protocol, ns.handle))
  try {
    if (ifindex !== 0) await setOption(handle, SOL_SOCKET, SO_BINDTOIFINDEX, ifindex)
  } catch (error) {
    await handle.close()
    throw error
  }
  return { handle, ifindex }
}

/** Sets an option that is an int. */
export function setOption(handle: SocketHandle, level: number, name: number, value: number): Promise<void> {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setInt32(0, value, true)
  return handle.setsockopt(level, name, bytes)
}
