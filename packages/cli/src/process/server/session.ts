import { type Credentials, type Kernel, type NetNamespace, openDoors, type Process } from '@netkit/kernel'
import { type BpfRing, type KernelDoors, refused, type SocketHandle } from '@netkit/netlink'
import type { NamespaceArg } from '../wire/protocol.ts'
import type { Host } from './host.ts'

/** A socket of a session, and what ends the call that waits for a datagram. */
export interface SessionSocket {
  readonly handle: SocketHandle
  waiting?: AbortController
}

/** A client: what its connections share. It is a process of the embedded kernel, with descriptors of its own. */
export class Session {
  readonly id: string
  readonly process: Process
  readonly doors: KernelDoors
  /** Ring buffers that it reads, by number. */
  readonly rings = new Map<number, BpfRing>()
  /** Sockets of UDP and ICMP echoes that it has open, by number. */
  readonly sockets = new Map<number, SessionSocket>()
  /** Connections that belong to it. */
  connections = 0

  constructor(id: string, kernel: Kernel, process: Process) {
    this.id = id
    this.process = process
    this.doors = openDoors(kernel, process)
  }

  get credentials(): Credentials {
    return this.process.credentials
  }
}

/** The namespace that a client means. Throws KernelError: ENOENT, EBADF. */
export function findNamespace(kernel: Kernel, process: Process | undefined, ref: NamespaceArg): NetNamespace {
  if ('name' in ref) {
    const ns = kernel.names.get(ref.name)
    if (!ns) throw refused(`open namespace ${ref.name}`, 'ENOENT', 'there is no namespace with this name')
    return ns
  }
  const file = process?.files.get(ref.fd)
  if (file?.type !== 'netns') throw refused(`use descriptor ${ref.fd}`, 'EBADF', 'no namespace is open there')
  return file.netns
}

/** How a new session begins. */
export interface SessionStart {
  readonly pid: number | undefined
  readonly namespace: NamespaceArg | undefined
  credentials(most: Credentials): Credentials
}

/** The sessions of a kernel process. One begins with its first connection and ends with its last. */
export class Sessions {
  readonly #host: Host
  readonly #byId = new Map<string, Session>()
  #count = 0

  constructor(host: Host) {
    this.#host = host
  }

  get(id: string): Session | undefined {
    return this.#byId.get(id)
  }

  /** A name for a session whose client gave none. */
  anonymous(): string {
    return `#${++this.#count}`
  }

  begin(id: string, { pid, namespace, credentials }: SessionStart): Session {
    const { kernel } = this.#host
    const ns = namespace && findNamespace(kernel, undefined, namespace)
    const free = pid !== undefined && !kernel.processes.has(pid) ? pid : undefined
    const process = kernel.createProcess({ pid: free, credentials: credentials(kernel.root), ns })
    const session = new Session(id, kernel, process)
    this.#byId.set(id, session)
    return session
  }

  join(session: Session): void {
    session.connections++
  }

  leave(session: Session): void {
    if (--session.connections > 0) return
    this.#byId.delete(session.id)
    for (const ring of session.rings.values()) void ring.close()
    for (const { handle } of session.sockets.values()) void handle.close()
    const { kernel, journal } = this.#host
    const held = [session.process.netns]
    for (const file of session.process.files.values()) if (file.type === 'netns') held.push(file.netns)
    journal.release(held, () => kernel.endProcess(session.process))
  }
}
