import type { UserNamespace } from '../access/user-namespace.ts'
import type { Device } from './device.ts'
import { IpSettings } from './ip-settings.ts'
import type { Listener } from './listener.ts'
import { NameTable } from './names.ts'
import type { NamespaceIp } from './route.ts'

/** A network namespace: devices, their names and numbers, and the ids it knows other namespaces by. */
export class NetNamespace {
  readonly inode: number
  readonly userNs: UserNamespace
  /** By ifindex, in the order of registration. */
  readonly devices = new Map<number, Device>()
  readonly names = new NameTable()
  /** Ids of other namespaces, both ways. */
  readonly nsidOf = new Map<NetNamespace, number>()
  readonly byNsid = new Map<number, NetNamespace>()
  /** Counts insertions and removals of devices, so that a dump can tell that it was interrupted. */
  changeCount = 1
  /** The last ifindex given out. */
  ifindexCursor = 0
  loopback: Device | undefined
  /** Routes and rules. */
  readonly ip: NamespaceIp
  /** What an administrator has set of IP. */
  readonly settings = new IpSettings()
  /** Netlink sockets: by protocol and port id, and by protocol and group. */
  readonly ports = new Map<number, Map<number, Listener>>()
  readonly listeners = new Map<number, Set<Listener>>()
  /** False from the moment that it is being taken down. */
  alive = true
  #holds = 0
  readonly #onLast: (ns: NetNamespace) => void
  #sorted: Device[] | undefined

  /** Number that programs know it by, from 1 on. Inodes are given out in the same order, from a round number on. */
  get cookie(): number {
    return (this.inode & 0xfff_ffff) + 1
  }

  constructor(inode: number, userNs: UserNamespace, ip: NamespaceIp, onLast: (ns: NetNamespace) => void) {
    this.inode = inode
    this.ip = ip
    this.userNs = userNs
    this.#onLast = onLast
  }

  hold(): void {
    this.#holds++
  }

  /** Whoever held it lets go; with the last one it is taken down. */
  release(): void {
    if (--this.#holds === 0) this.#onLast(this)
  }

  get holds(): number {
    return this.#holds
  }

  insert(dev: Device): void {
    this.devices.set(dev.ifindex, dev)
    this.#sorted = undefined
    this.changeCount++
  }

  remove(dev: Device): void {
    this.devices.delete(dev.ifindex)
    this.#sorted = undefined
    this.changeCount++
  }

  /** The devices, ascending by ifindex. Valid until the next insertion or removal. */
  sorted(): readonly Device[] {
    this.#sorted ??= [...this.devices.values()].sort((a, b) => a.ifindex - b.ifindex)
    return this.#sorted
  }

  /** Position in `sorted()` of the first device whose ifindex is at least `ifindex`. */
  from(ifindex: number): number {
    const list = this.sorted()
    let low = 0
    let high = list.length
    while (low < high) {
      const mid = (low + high) >> 1
      if (list[mid].ifindex < ifindex) low = mid + 1
      else high = mid
    }
    return low
  }

  /** The next free ifindex. It is used up even if nothing comes of it. */
  nextIfindex(): number {
    let n = this.ifindexCursor
    do n = n >= 0x7fff_ffff ? 1 : n + 1
    while (this.devices.has(n))
    this.ifindexCursor = n
    return n
  }
}
