import type { NetlinkSocketOptions } from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { SOCKADDR_NL } from '../ffi/layouts.ts'
import { AF_NETLINK, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from '../ffi/numbers.ts'
import { setOptions } from './options.ts'

/** Opens a netlink socket in the namespace of this thread. Throws KernelError. */
export function openSocket(c: Calls, o: NetlinkSocketOptions): { readonly fd: number; readonly portId: number } {
  const fd = c.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, o.protocol)
  if (fd < 0) throw failure(c, `open a netlink socket of protocol ${o.protocol}`)
  try {
    setOptions(c, fd, o)
    return { fd, portId: bindTo(c, fd, o.portId) }
  } catch (e) {
    c.close(fd)
    throw e
  }
}

/**
 * Ties the socket to the kernel, so that nobody else can send to it, and to a port id; without one, to the kernel's choice.
 * Returns what it has become.
 */
function bindTo(c: Calls, fd: number, portId: number | undefined): number {
  const address = new Uint8Array(SOCKADDR_NL.size)
  const view = new DataView(address.buffer)
  view.setUint16(SOCKADDR_NL.family, AF_NETLINK, true)
  if (portId !== undefined) {
    view.setUint32(SOCKADDR_NL.pid, portId, true)
    if (c.bind(fd, address, address.length) < 0) throw failure(c, `bind a netlink socket to port id ${portId}`)
    view.setUint32(SOCKADDR_NL.pid, 0, true)
  }
  if (c.connect(fd, address, address.length) < 0) throw failure(c, 'connect a netlink socket to the kernel')
  if (c.getsockname(fd, address, Uint32Array.of(address.length)) < 0)
    throw failure(c, 'ask a netlink socket for its port id')
  return view.getUint32(SOCKADDR_NL.pid, true)
}
