import { align4, errno, NETLINK_ROUTE } from '@netkit/netlink'
import type { Credentials } from '../access/credentials.ts'
import type { Kernel } from '../kernel.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { Process } from '../net/process.ts'
import type { NetlinkSocket, Received } from '../netlink/socket.ts'
import { type ChangeEvent, encodeEvent, type JournalEvent, type Mention, type RequestEvent } from './event.ts'
import type { Circumstances, JournaledWorld } from './journaled-world.ts'
import type { Wires } from './wires.ts'

/** Kinds of rtnetlink messages, `type & 3`: those that only ask. */
const RTM_KIND_GET = 2
const RTM_BASE = 16

/** Whether a datagram of rtnetlink requests only asks. Asking, too, can change something: it may number a namespace. */
function onlyAsks(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; bytes.length - at >= 16; ) {
    const length = view.getUint32(at, true)
    if (length < 16 || length > bytes.length - at) return true
    const type = view.getUint16(at + 4, true)
    if (type >= RTM_BASE && (type & 3) !== RTM_KIND_GET) return false
    at += align4(length)
  }
  return true
}

/**
 * Writes down what changes a kernel, so that it can be done again. All that clients do to the kernel goes through here. An
 * event is given to `append` as soon as it is complete, before anybody can have seen its answer.
 */
export class Journal {
  readonly kernel: Kernel
  readonly world: JournaledWorld
  /** What is plugged into the NICs. */
  readonly wires: Wires
  readonly #append: (event: Uint8Array) => void
  /** Namespaces that are held here until their end is written down, and how many ids each had given when last looked. */
  readonly #held = new Map<NetNamespace, number>()

  constructor(kernel: Kernel, world: JournaledWorld, wires: Wires, append: (event: Uint8Array) => void) {
    this.kernel = kernel
    this.wires = wires
    this.world = world
    this.#append = append
    for (const ns of kernel.namespaces) this.#hold(ns)
  }

  #hold(ns: NetNamespace): void {
    if (this.#held.has(ns)) return
    ns.hold()
    this.#held.set(ns, ns.nsidOf.size)
  }

  #write(event: RequestEvent | ChangeEvent, { now, random }: Circumstances): void {
    this.#append(encodeEvent({ ...event, now, random } as JournalEvent))
  }

  /** Hands a datagram to the kernel, as `NetlinkSocket.send`. */
  send(socket: NetlinkSocket, bytes: Uint8Array, sender: Credentials): number {
    if (socket.closed) return -errno.EBADF
    const before = this.kernel.changes
    return this.world.record(
      () => socket.send(bytes, sender),
      (circumstances) => {
        const unchanged = this.kernel.changes === before && circumstances.random.length === 0
        if (unchanged && (socket.protocol !== NETLINK_ROUTE || onlyAsks(bytes))) return
        this.#write(this.#request(socket, bytes, sender), circumstances)
      },
    )
  }

  #request(socket: NetlinkSocket, bytes: Uint8Array, sender: Credentials): RequestEvent {
    const { files, processes } = this.#mentions(socket.process, bytes)
    return {
      kind: 'request',
      protocol: socket.protocol,
      ns: socket.ns.inode,
      pid: socket.process.pid,
      sender,
      opener: socket.opener,
      files,
      processes,
      bytes,
    }
  }

  /** What a request may mean by a descriptor or a pid: numbers in it that are one, whatever they stand for. */
  #mentions({ files }: Process, bytes: Uint8Array): { readonly files: Mention[]; readonly processes: Mention[] } {
    const found = { files: [] as Mention[], processes: [] as Mention[] }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const { processes } = this.kernel
    for (let at = 16; at + 4 <= bytes.length; at += 4) {
      const n = view.getUint32(at, true)
      const file = files.get(n)
      if (file) found.files.push([n, file.type === 'netns' ? file.netns.inode : 0])
      const process = processes.get(n)
      if (process) found.processes.push([n, process.netns.inode])
    }
    return found
  }

  /** Takes a datagram from a socket, as `NetlinkSocket.receive`: a dump that goes on may number namespaces. */
  receive(socket: NetlinkSocket): Received | undefined {
    if (socket.dump === undefined) return socket.receive()
    const before = this.kernel.changes
    const item = socket.receive()
    if (this.kernel.changes !== before) this.#writeNsids()
    return item
  }

  #writeNsids(): void {
    const tables: [inode: number, ids: [nsid: number, inode: number][]][] = []
    for (const [ns, known] of this.#held) {
      if (ns.nsidOf.size === known) continue
      this.#held.set(ns, ns.nsidOf.size)
      tables.push([ns.inode, [...ns.byNsid].map(([nsid, peer]) => [nsid, peer.inode])])
    }
    this.#write({ kind: 'change', op: 'nsids', args: tables }, { now: this.world.now(), random: [] })
  }

  /**
   * Makes a change that does not come as a datagram. `run` makes it before it returns, even if what it returns is a promise.
   * It is written down, by name and arguments, if the kernel is another one afterwards, or if `changed` says so.
   */
  change<T>(op: string, args: unknown, run: () => T, changed: () => boolean = () => false): T {
    const before = this.kernel.changes
    try {
      return this.world.record(run, (circumstances) => {
        if (this.kernel.changes === before && circumstances.random.length === 0 && !changed()) return
        this.#write({ kind: 'change', op, args }, circumstances)
      })
    } finally {
      if (this.kernel.namespaces.size !== this.#held.size) for (const ns of this.kernel.namespaces) this.#hold(ns)
    }
  }

  /** Does what may let go of a namespace: closes a socket or a descriptor, ends a process. If it was the last, the namespace ends. */
  release(namespaces: Iterable<NetNamespace>, run: () => void): void {
    run()
    for (const ns of namespaces) this.#endIfUnused(ns)
  }

  #endIfUnused(ns: NetNamespace): void {
    if (ns.holds > 1 || !this.#held.delete(ns)) return
    this.change('namespace-gone', ns.inode, () => {
      ns.release()
      this.kernel.settle()
    })
  }

  /** Ends all namespaces that nobody uses: after the kernel process ended, those without a name. */
  releaseUnused(): void {
    for (const ns of [...this.#held.keys()]) this.#endIfUnused(ns)
  }
}
