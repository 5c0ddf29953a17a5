import { errno, MSG_DONTWAIT, POLLIN, POLLOUT, SOCK_RAW, XDP_PGOFF } from '@netkit/netlink'
import { CAP_NET_RAW } from '../access/capability.ts'
import { type Credentials, capableIn } from '../access/credentials.ts'
import type { Core } from '../net/core.ts'
import type { Device } from '../net/device.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { ApplicationMemory } from '../packet/application-memory.ts'
import type { Region } from '../packet/memory.ts'
import { bind, disconnect } from './bind.ts'
import { getOption, setOption } from './options.ts'
import type { Pool } from './pool.ts'
import { BOUND, UNBOUND, XskSocket } from './socket.ts'
import { type SendPath, transmitCopies } from './transmit.ts'

const PAGE = 4096
const RING_AT: ReadonlyMap<number, 'rx' | 'tx' | 'fill' | 'completion'> = new Map([
  [XDP_PGOFF.rx, 'rx'],
  [XDP_PGOFF.tx, 'tx'],
  [XDP_PGOFF.fill, 'fill'],
  [XDP_PGOFF.completion, 'completion'],
])

/** All AF_XDP sockets of a kernel, and its system calls on them: 0 or more, or a negative errno. */
export class XskSockets {
  readonly #kernel: Core & { readonly path: SendPath; readonly applicationMemory: ApplicationMemory }
  readonly #open = new Set<XskSocket>()

  constructor(kernel: Core & { readonly path: SendPath; readonly applicationMemory: ApplicationMemory }) {
    this.#kernel = kernel
  }

  /** socket(2). Source: spec 02 §8.1. */
  open(ns: NetNamespace, who: Credentials, type: number, protocol: number): XskSocket | number {
    if (!capableIn(who, ns.userNs, CAP_NET_RAW)) return -errno.EPERM
    if (type !== SOCK_RAW) return -errno.ESOCKTNOSUPPORT
    if (protocol !== 0) return -errno.EPROTONOSUPPORT
    const socket = new XskSocket(ns)
    this.#open.add(socket)
    return socket
  }

  setOption(socket: XskSocket, level: number, name: number, value: Uint8Array): number {
    return setOption(this.#kernel.applicationMemory, socket, level, name, value)
  }

  getOption(socket: XskSocket, level: number, name: number, length: number): Uint8Array | number {
    return getOption(socket, level, name, length)
  }

  /** mmap(2) of a ring: its memory, which whoever has it mapped unpins. */
  ring(socket: XskSocket, length: number, offset: number): Region | number {
    if (socket.state === UNBOUND) return -errno.EBUSY
    const name = RING_AT.get(offset)
    if (name === undefined) return -errno.EINVAL
    const own = socket[name]
    const shared = name === 'fill' || name === 'completion' ? socket.pool?.[name] : undefined
    const ring = own ?? shared
    if (!ring || Math.ceil(length / PAGE) * PAGE > ring.region.length) return -errno.EINVAL
    this.#kernel.applicationMemory.pin(ring.region.offset, ring.region.length)
    return ring.region
  }

  bind(socket: XskSocket, address: Uint8Array, socketAt: (fd: number) => XskSocket | number): number {
    return bind(this.#kernel, socket, address, socketAt)
  }

  /** sendto(2). Source: spec 02 §8.7. */
  send(socket: XskSocket, flags: number): number {
    const { device, pool, tx } = socket
    if (socket.state !== BOUND || !device || !pool) return -errno.ENXIO
    if (!device.up) return -errno.ENETDOWN
    if ((flags & MSG_DONTWAIT) === 0) return -errno.EOPNOTSUPP
    if (!tx) return -errno.ENOBUFS
    return this.#transmit(socket, device, pool)
  }

  /** recvfrom(2), which never brings data. */
  receive(socket: XskSocket, flags: number): number {
    const { device, pool, rx } = socket
    if (socket.state !== BOUND || !device || !pool) return -errno.ENXIO
    if (!device.up) return -errno.ENETDOWN
    if (!rx) return -errno.ENOBUFS
    if ((flags & MSG_DONTWAIT) === 0) return -errno.EOPNOTSUPP
    return pool.zeroCopy ? this.#wakeup(device, socket.queue) : 0
  }

  poll(socket: XskSocket, events: number): number {
    const { device, pool, tx } = socket
    if (socket.state !== BOUND || !device?.up || !pool) return 0
    if (pool.zeroCopy) this.#wakeup(device, socket.queue)
    else if (tx) this.#transmit(socket, device, pool)
    return socket.events & events & (POLLIN | POLLOUT)
  }

  #transmit(socket: XskSocket, device: Device, pool: Pool): number {
    return pool.zeroCopy ? this.#wakeup(device, socket.queue) : transmitCopies(this.#kernel.path, socket, device, pool)
  }

  #wakeup(device: Device, queue: number): number {
    return device.driver.xsk?.wakeup(this.#kernel, device, queue) ?? -errno.EOPNOTSUPP
  }

  /** A device goes, or leaves its namespace: what is bound to it is bound no more, for good. Source: spec 03 §1.6, D4. */
  deviceGone(dev: Device): void {
    for (const socket of this.#open) {
      if (socket.device !== dev || socket.state !== BOUND) continue
      socket.error = errno.ENETDOWN
      this.#unbind(socket)
      if (socket.pool) disconnect(this.#kernel, socket.pool)
      socket.wake()
    }
  }

  #unbind(socket: XskSocket): void {
    socket.state = UNBOUND
    const { pool } = socket
    const at = pool ? pool.senders.indexOf(socket) : -1
    if (at >= 0) pool?.senders.splice(at, 1)
  }

  /** close(2). Source: spec 03 §1.6, B. */
  close(socket: XskSocket): void {
    if (!this.#open.delete(socket)) return
    socket.closed = true
    socket.leaveMaps()
    this.#unbind(socket)
    const { pool, umem, rx, tx, fill, completion } = socket
    const memory = this.#kernel.applicationMemory
    for (const ring of [rx, tx]) if (ring) memory.unmap(ring.region)
    if (!pool) {
      for (const ring of [fill, completion]) if (ring) memory.unmap(ring.region)
    } else if (pool.removeUser()) {
      disconnect(this.#kernel, pool)
      pool.destroy()
      for (const ring of [pool.fill, pool.completion]) memory.unmap(ring.region)
    }
    umem?.release()
    socket.wake()
  }
}
