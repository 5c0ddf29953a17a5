import { errno, NETLINK_GENERIC, NETLINK_ROUTE, refused } from '@netkit/netlink'
import type { Credentials } from '../access/credentials.ts'
import type { Core } from '../net/core.ts'
import type { Dump } from '../net/dump.ts'
import type { Listener } from '../net/listener.ts'
import { groupKey } from '../net/multicast.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { Process } from '../net/process.ts'
import { dumpChunk, startDump } from './dump-run.ts'
import { handleDatagram } from './receive.ts'

/** What a datagram costs of the receive buffer besides its bytes, about what Linux accounts. */
const OVERHEAD = 768
const DEFAULT_RECEIVE_BUFFER = 212_992
/** Bytes that a datagram to the kernel may have: the send buffer, less what Linux accounts for the datagram itself. */
const MAX_SEND = 212_992 - 32
/** Room that the next part of a dump needs. */
const DUMP_ROOM = 32_768

export interface Received {
  readonly bytes: Uint8Array
  readonly group: number
  readonly nsid?: number
}

export interface SocketOptions {
  readonly protocol: number
  readonly ns: NetNamespace
  readonly process: Process
  /** Who opened it, if not the process as it is. */
  readonly opener?: Credentials
  readonly portId?: number
  readonly extAck?: boolean
  readonly capAck?: boolean
  readonly strict?: boolean
  readonly receiveBuffer?: number
}

/** A netlink socket in a namespace. Everything happens in `send`; what is to be received waits until `receive` takes it. */
export class NetlinkSocket implements Listener {
  readonly kernel: Core
  readonly protocol: number
  readonly ns: NetNamespace
  readonly process: Process
  readonly opener: Credentials
  readonly portId: number
  extAck: boolean
  capAck: boolean
  strict: boolean
  listenAllNsid = false
  receiveBuffer: number
  readonly groups = new Set<number>()
  /** Called when something to receive has come and nothing was there before. It must not call the kernel: that is not done yet. */
  onReadable: (() => void) | undefined
  dump: Dump | undefined
  dumpDatagram = 0
  /** The dump is to say that it was interrupted. */
  dumpFails = false
  closed = false
  /** Something was received: how large its reader's buffer is would be known. */
  received = false
  #queue: Received[] = []
  #head = 0
  #used = 0
  /** Something was lost that the reader has not been told of. */
  #lost = false
  /** Something was lost, and since then not everything was read: until it is, nothing new is taken. */
  #congested = false
  /** It will be told when a stall is over. */
  #awaitsEnd = false

  constructor(kernel: Core, o: SocketOptions) {
    if (o.protocol !== NETLINK_ROUTE && o.protocol !== NETLINK_GENERIC) {
      throw refused(`open netlink socket of protocol ${o.protocol}`, 'EPROTONOSUPPORT')
    }
    this.kernel = kernel
    this.protocol = o.protocol
    this.ns = o.ns
    this.process = o.process
    this.opener = o.opener ?? o.process.credentials
    this.extAck = o.extAck ?? false
    this.capAck = o.capAck ?? false
    this.strict = o.strict ?? false
    this.receiveBuffer = o.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER
    this.portId = this.#bind(o.portId)
    o.ns.hold()
  }

  /** `wanted`: undefined or 0 for any. */
  #bind(wanted = 0): number {
    let ports = this.ns.ports.get(this.protocol)
    if (!ports) {
      ports = new Map()
      this.ns.ports.set(this.protocol, ports)
    }
    if (wanted !== 0 && ports.has(wanted >>> 0)) {
      throw refused(`bind netlink socket to port ${wanted}`, 'EADDRINUSE')
    }
    let port = (wanted === 0 ? this.process.pid : wanted) >>> 0
    while (ports.has(port)) port = (0x8000_0000 | this.kernel.world.random()) >>> 0
    ports.set(port, this)
    return port
  }

  /** Hands over a datagram. Returns 0, or a negative errno if it was not taken at all. */
  send(datagram: Uint8Array, sender: Credentials = this.process.credentials): number {
    if (this.closed) return -errno.EBADF
    if (datagram.length === 0) return -errno.ENODATA
    if (datagram.length > MAX_SEND) return -errno.EMSGSIZE
    handleDatagram(this, datagram, sender)
    return 0
  }

  startDump(dump: Dump): number {
    return startDump(this, dump)
  }

  /**
   * Puts a datagram into the receive queue, or notes that it was lost for want of room. As in Linux, the reader is told
   * once, and nothing more is taken before it has read all that is there.
   */
  deliver(bytes: Uint8Array, group = 0, nsid?: number): boolean {
    if (this.closed || this.#congested) return false
    if (this.#used === 0 || this.#used + bytes.length + OVERHEAD <= this.receiveBuffer) {
      this.#put({ bytes, group, nsid })
      return true
    }
    this.overrun()
    return false
  }

  /** Something did not fit. */
  overrun(): void {
    this.#congested = this.#head < this.#queue.length
    this.#lost = true
    this.onReadable?.()
  }

  /** Whether nothing is given to who listens now: a fault that was asked for. It is told when that is over. */
  #isStalled(): boolean {
    const { stalledUntil } = this.kernel.faults
    if (stalledUntil < 0n || this.groups.size === 0) return false
    const { world } = this.kernel
    if (world.now() >= stalledUntil) return false
    if (!this.#awaitsEnd) world.schedule(stalledUntil, () => this.#resume())
    this.#awaitsEnd = true
    return true
  }

  #resume(): void {
    this.#awaitsEnd = false
    this.onReadable?.()
  }

  /** Puts part of a dump into the receive queue; `roomForDump` has been asked. */
  deliverDump(bytes: Uint8Array): void {
    if (!this.closed) this.#put({ bytes, group: 0 })
  }

  /** Whether there is room for part of a dump, which is made only then, so that none is lost. */
  get roomForDump(): boolean {
    return this.#used === 0 || this.#used + DUMP_ROOM <= this.receiveBuffer
  }

  #put(item: Received): void {
    const wasEmpty = this.#head === this.#queue.length
    this.#queue.push(item)
    this.#used += item.bytes.length + OVERHEAD
    if (wasEmpty) this.onReadable?.()
  }

  /** Bytes of the receive buffer that are taken by what waits to be read. */
  get waiting(): number {
    return this.#used
  }

  get readable(): boolean {
    return (this.#lost || this.#head < this.#queue.length) && !this.#isStalled()
  }

  /** The next datagram; undefined if nothing waits. Throws KernelError ENOBUFS, once, where datagrams were lost. */
  receive(): Received | undefined {
    if (this.#isStalled()) return undefined
    if (this.#lost) {
      this.#lost = false
      throw refused('receive', 'ENOBUFS')
    }
    if (this.#head === this.#queue.length) return undefined
    const item = this.#queue[this.#head++]
    this.received = true
    this.#used -= item.bytes.length + OVERHEAD
    if (this.#head === this.#queue.length || this.#head > 1024) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    if (this.#queue.length === 0) this.#congested = false
    if (this.dump !== undefined && this.#used <= this.receiveBuffer / 2 && this.roomForDump) dumpChunk(this)
    return item
  }

  /** Subscribes to a multicast group; -EINVAL if there is none. */
  join(group: number): number {
    if (!this.kernel.hasGroup(this.protocol, group)) return -errno.EINVAL
    if (this.groups.has(group)) return 0
    this.groups.add(group)
    const key = groupKey(this.protocol, group)
    const listeners = this.ns.listeners.get(key)
    if (listeners) listeners.add(this)
    else this.ns.listeners.set(key, new Set([this]))
    this.kernel.addListener(this, key)
    return 0
  }

  leave(group: number): number {
    if (!this.kernel.hasGroup(this.protocol, group)) return -errno.EINVAL
    if (!this.groups.delete(group)) return 0
    const key = groupKey(this.protocol, group)
    this.ns.listeners.get(key)?.delete(this)
    this.kernel.dropListener(this, key)
    return 0
  }

  close(): void {
    if (this.closed) return
    for (const group of [...this.groups]) this.leave(group)
    this.closed = true
    this.dump = undefined
    this.#queue = []
    this.#head = 0
    this.#used = 0
    this.#lost = false
    this.ns.ports.get(this.protocol)?.delete(this.portId)
    this.ns.release()
    this.kernel.afterSocketClosed(this)
  }
}
