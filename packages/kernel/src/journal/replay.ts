import type { Credentials } from '../access/credentials.ts'
import type { Kernel } from '../kernel.ts'
import type { NetNamespace } from '../net/namespace.ts'
import { Process } from '../net/process.ts'
import { decodeEvent, type EventCredentials, type JournalEvent, type RequestEvent } from './event.ts'
import { JournalError, type JournaledWorld } from './journaled-world.ts'
import { type Redo, redoTable } from './redo.ts'
import type { Wires } from './wires.ts'

/**
 * Does to a kernel what a journal says was done to it. Namespaces are held until the journal says that they ended; when it
 * is over, `release` lets go of them.
 */
export class Replay {
  readonly #kernel: Kernel
  readonly #world: JournaledWorld
  readonly #held = new Map<number, NetNamespace>()
  readonly #changes: Readonly<Record<string, Redo>>

  constructor(kernel: Kernel, world: JournaledWorld, wires: Wires) {
    this.#kernel = kernel
    this.#world = world
    this.#changes = {
      nsids: (args) => this.#nsids(args as [number, [number, number][]][]),
      'namespace-gone': (inode) => this.#gone(inode as number),
      ...redoTable(kernel, wires, (inode) => this.#namespace(inode)),
    }
    this.#holdNew()
  }

  #holdNew(): void {
    if (this.#kernel.namespaces.size === this.#held.size) return
    for (const ns of this.#kernel.namespaces) {
      if (this.#held.has(ns.inode)) continue
      ns.hold()
      this.#held.set(ns.inode, ns)
    }
  }

  #namespace(inode: number): NetNamespace {
    const ns = this.#held.get(inode)
    if (!ns) throw new JournalError(`there is no namespace ${inode}`)
    return ns
  }

  /** Throws JournalError, DecodeError, and what a change throws. */
  event(bytes: Uint8Array): void {
    const event: JournalEvent = decodeEvent(bytes)
    this.#world.resumeAt(event.now)
    this.#world.repeat(event, () => {
      if (event.kind === 'request') return this.#request(event)
      const redo = this.#changes[event.op]
      if (!redo) throw new JournalError(`a change of unknown kind ${event.op}`)
      return redo(event.args)
    })
    this.#holdNew()
  }

  #credentials(c: EventCredentials): Credentials {
    return { uid: c.uid, capabilities: c.capabilities, userNs: this.#kernel.initialUserNs }
  }

  #request(event: RequestEvent): void {
    const kernel = this.#kernel
    const ns = this.#namespace(event.ns)
    const opener = this.#credentials(event.opener)
    const process = new Process(event.pid, opener, ns)
    for (const [fd, inode] of event.files) {
      if (inode === 0) process.files.set(fd, { type: 'other', what: 'file' })
      else process.openNamespace(this.#namespace(inode), fd)
    }
    const others = event.processes.map(([pid, inode]) => new Process(pid, opener, this.#namespace(inode)))
    for (const other of others) kernel.processes.set(other.pid, other)
    const socket = kernel.openSocket({ protocol: event.protocol, ns, process, opener })
    socket.send(event.bytes, this.#credentials(event.sender))
    socket.close()
    for (const other of others) kernel.endProcess(other)
    process.exit()
  }

  #nsids(tables: [inode: number, ids: [nsid: number, inode: number][]][]): void {
    for (const [inode, ids] of tables) {
      const ns = this.#namespace(inode)
      for (const [nsid, other] of ids) {
        if (ns.byNsid.has(nsid)) continue
        const peer = this.#namespace(other)
        ns.byNsid.set(nsid, peer)
        ns.nsidOf.set(peer, nsid)
        this.#kernel.changes++
      }
    }
  }

  #gone(inode: number): void {
    const ns = this.#namespace(inode)
    this.#held.delete(inode)
    ns.release()
    this.#kernel.settle()
  }

  /** The journal is over: whoever goes on with the kernel holds what has to be held. */
  release(): void {
    for (const ns of this.#held.values()) ns.release()
    this.#held.clear()
  }
}
