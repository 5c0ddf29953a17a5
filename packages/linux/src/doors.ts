import { release } from 'node:os'
import {
  type EthtoolIoctlDoor,
  type KernelDoors,
  type NamespaceHandle,
  type NamespacesDoor,
  type NetlinkDoor,
  type NetlinkSocketOptions,
  refused,
  type SysctlDoor,
} from '@netkit/netlink'
import { LinuxBpfDoor } from './bpf/door.ts'
import { ethtoolIoctl } from './ethtool/ioctl.ts'
import type { Calls } from './ffi/calls.ts'
import { Receiver } from './ffi/receiver.ts'
import { isNetworkNamespace, LinuxNamespace, openNamespace } from './namespaces/handle.ts'
import { createNamespace, listNamespaces, removeNamespace } from './namespaces/named.ts'
import { assertHome, inNamespace } from './namespaces/switch.ts'
import { openSocket } from './netlink/open.ts'
import { LinuxNetlinkDoor } from './netlink/socket.ts'
import { readSysctl, writeSysctl } from './sysctl.ts'
import { LinuxXskDoor } from './xsk/door.ts'
import { ApplicationMemory } from './xsk/memory.ts'
import { LinuxZcrxDoor } from './zcrx/door.ts'

/** The doors of the machine's kernel for one connection, which owns the descriptors that they open. */
export class LinuxDoors implements KernelDoors {
  readonly kind = 'linux'
  readonly release = release()
  readonly namespaces: NamespacesDoor
  readonly ethtoolIoctl: EthtoolIoctlDoor
  readonly sysctl: SysctlDoor
  readonly bpf: LinuxBpfDoor
  readonly memory: ApplicationMemory
  readonly xsk: LinuxXskDoor
  readonly zcrx: LinuxZcrxDoor
  readonly #calls: Calls
  readonly #receiver: Receiver
  readonly #open = new Set<LinuxNetlinkDoor | LinuxNamespace>()
  #closed = false

  constructor(c: Calls) {
    this.#calls = c
    this.#receiver = new Receiver(c)
    this.namespaces = {
      create: async (name) => {
        this.#assertOpen(`create namespace ${name}`)
        createNamespace(c, name)
      },
      remove: async (name) => {
        this.#assertOpen(`remove namespace ${name}`)
        removeNamespace(c, name)
      },
      list: async () => listNamespaces(),
      open: async (ref) => {
        this.#assertOpen('open a namespace')
        return this.#keep(new LinuxNamespace(openNamespace(c, ref), this.#forget))
      },
    }
    this.bpf = new LinuxBpfDoor(c, (namespace, op, act) => {
      this.#assertOpen(op)
      return this.#within(namespace, op, act)
    })
    this.memory = new ApplicationMemory(c)
    this.xsk = new LinuxXskDoor(c, this.memory, (namespace, op, act) => {
      this.#assertOpen(op)
      return this.#within(namespace, op, act)
    })
    this.zcrx = new LinuxZcrxDoor(c, this.memory, (namespace, op, act) => {
      this.#assertOpen(op)
      return this.#within(namespace, op, act)
    })
    this.sysctl = {
      read: async (name, namespace) => {
        const op = `read ${name}`
        this.#assertOpen(op)
        return this.#within(namespace, op, () => readSysctl(name))
      },
      write: async (name, value, namespace) => {
        const op = `set ${name}`
        this.#assertOpen(op)
        this.#within(namespace, op, () => writeSysctl(name, value))
      },
    }
    this.ethtoolIoctl = {
      ethtool: async (device, command, namespace) => {
        const op = `ethtool ${device}`
        this.#assertOpen(op)
        return this.#within(namespace, op, () => ethtoolIoctl(c, device, command))
      },
    }
  }

  async netlink(o: NetlinkSocketOptions): Promise<NetlinkDoor> {
    const op = 'open a netlink socket'
    this.#assertOpen(op)
    const { fd, portId } = this.#within(o.namespace, op, () => openSocket(this.#calls, o))
    return this.#keep(new LinuxNetlinkDoor(this.#calls, this.#receiver, fd, portId, this.#forget))
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.bpf.close()
    this.xsk.close()
    this.zcrx.close()
    await Promise.all([...this.#open].map((one) => one.close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  readonly #forget = (one: LinuxNetlinkDoor | LinuxNamespace): void => {
    this.#open.delete(one)
  }

  #keep<T extends LinuxNetlinkDoor | LinuxNamespace>(one: T): T {
    this.#open.add(one)
    return one
  }

  #assertOpen(op: string): void {
    assertHome()
    if (this.#closed) throw refused(op, 'EBADF', 'the connection is closed')
  }

  /** Runs `act` in a namespace that a client gave, or where this thread is. `act` must not wait. */
  #within<T>(namespace: NamespaceHandle | undefined, op: string, act: () => T): T {
    if (!namespace) return act()
    const closed = namespace instanceof LinuxNamespace && namespace.isClosed
    if (closed || !isNetworkNamespace(this.#calls, namespace.fd, op))
      throw refused(op, 'EBADF', 'no namespace is open there')
    return inNamespace(this.#calls, namespace.fd, op, act)
  }
}
