import { AF_INET } from '@netkit/netlink'
import type { Kernel } from '../kernel.ts'
import type { Device } from '../net/device.ts'
import { putRoute, tableOf } from '../net/ip/tables.ts'
import { lease } from '../net/lease.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { Route } from '../net/route.ts'
import type { Birth } from './birth.ts'
import { restoreIp } from './keep-ip.ts'
import type { Keeper } from './keeper.ts'
import { keeperNamed, keeperOf } from './keepers.ts'
import { fillFields, fromPlain, type Resolver, SnapshotError } from './plain.ts'
import { plugDummy } from './redo.ts'
import type { DeviceLine, IpLine, KernelLine, NamespaceLine, RoutesLine, SnapshotLine } from './snapshot-lines.ts'
import type { Wires } from './wires.ts'

const LOOPBACK = 'loopback'

/**
 * Puts the parts of a kernel together again: first namespaces and devices with nothing in them, then wires, which must not make
 * a link come up that did not, then what was said of each device.
 */
class Restorer implements Resolver {
  readonly #kernel: Kernel
  readonly #wires: Wires
  readonly #namespaces = new Map<number, NetNamespace>()
  readonly #devices: DeviceLine[] = []
  readonly #routes: RoutesLine[] = []
  readonly #ip: IpLine[] = []
  #cursors: KernelLine['kernel'] | undefined
  readonly #spaces: NamespaceLine[] = []

  constructor(kernel: Kernel, wires: Wires) {
    this.#kernel = kernel
    this.#wires = wires
    this.#namespaces.set(kernel.initialNs.inode, kernel.initialNs)
  }

  namespace(inode: number): NetNamespace {
    const ns = this.#namespaces.get(inode)
    if (!ns) throw new SnapshotError(`there is no namespace ${inode}`)
    return ns
  }

  device(inode: number, ifindex: number): Device {
    const dev = this.namespace(inode).devices.get(ifindex)
    if (!dev) throw new SnapshotError(`there is no device ${ifindex} in namespace ${inode}`)
    return dev
  }

  take(line: SnapshotLine): void {
    if ('kernel' in line) this.#cursors = line.kernel
    else if ('ns' in line) this.#namespace(line)
    else if ('names' in line)
      for (const [name, inode] of line.names) this.#kernel.names.add(name, this.namespace(inode))
    else if ('dev' in line) this.#devices.push(line)
    else if ('routes' in line) this.#routes.push(line)
    else if ('ip' in line) this.#ip.push(line)
    else for (const [nic, wire] of line.wires) this.#wires.set(nic, wire)
  }

  #namespace(line: NamespaceLine): void {
    const kernel = this.#kernel
    this.#spaces.push(line)
    // The initial namespace is there already, with the `lo` of a new kernel.
    const ns = this.#namespaces.get(line.ns) ?? kernel.addNamespace(line.ns, kernel.initialUserNs)
    this.#namespaces.set(line.ns, ns)
    for (const dev of [...ns.devices.values()]) {
      ns.remove(dev)
      ns.names.delete(dev.name)
    }
    for (const [name, ifindex, queues] of line.devices) {
      const keeper = keeperNamed(kernel, name)
      const dev = keeper.make(kernel, ns, queues)
      dev.ifindex = ifindex
      ns.insert(dev)
      if (name === LOOPBACK) ns.loopback = dev
    }
  }

  #restoreRoutes({ of: [inode, family], tables, routes }: RoutesLine): void {
    const ns = this.namespace(inode)
    const { v4, v6 } = ns.ip
    const all = family === AF_INET ? v4 : v6
    for (const id of tables) tableOf(all, id)
    for (const plain of routes) {
      const route = fromPlain(plain, this) as Route
      const table = tableOf(all, route.table)
      putRoute(table, route, table.prefixes.get(route.dst, route.dstLength)?.length ?? 0)
      if (route.expires !== 0) this.#kernel.ip.watchRoutes(ns)
    }
  }

  #each(run: (line: DeviceLine, dev: Device, keeper: Keeper) => void): void {
    for (const line of this.#devices) {
      const dev = this.device(...line.dev)
      run(line, dev, keeperOf(dev.driver))
    }
  }

  /** Returns the kernel's time at the snapshot. */
  finish(): bigint {
    const kernel = this.#kernel
    const cursors = this.#cursors
    if (!cursors) throw new SnapshotError('it does not say where the kernel was')
    this.#each(({ own = {} }, dev, keeper) => keeper.begin?.(kernel, dev, own, this))
    for (const [nic, wire] of this.#wires.entries()) plugDummy(kernel, nic, wire)
    this.#each(({ is, own }, dev, keeper) => {
      fillFields(dev, is, this)
      if (own) keeper.restore(kernel, dev, own, this)
      dev.ns.names.add(dev.name, dev)
      for (const name of dev.altNames ?? []) dev.ns.names.add(name, dev)
    })
    this.#each(({ leases = [] }, dev) => {
      for (const one of leases) this.#lease(dev, ...one)
    })
    for (const line of this.#routes) this.#restoreRoutes(line)
    this.#each((_line, dev, keeper) => {
      keeper.finish?.(kernel, dev)
      kernel.ip.watch(dev)
    })
    for (const line of this.#ip) restoreIp(kernel, line, this)
    for (const line of this.#spaces) this.#setNumbers(line)
    kernel.changes = cursors.changes
    kernel.nextInode = cursors.nextInode
    kernel.napis.next = cursors.nextNapi
    kernel.pagePools.lastId = cursors.lastPagePool
    kernel.nics.devlinks = cursors.lastDevlink
    return BigInt(cursors.now)
  }

  #lease(dev: Device, index: number, inode: number, ifindex: number, queue: number): void {
    const virtual = dev.rxQueue(index)
    const physical = this.device(inode, ifindex).rxQueue(queue)
    if (!virtual || !physical) throw new SnapshotError(`${dev.name} has no queue ${index} to lease`)
    lease(virtual, physical)
  }

  #setNumbers(line: NamespaceLine): void {
    const ns = this.namespace(line.ns)
    ns.changeCount = line.changeCount
    ns.ifindexCursor = line.ifindexCursor
    for (const [nsid, inode] of line.nsids) {
      const peer = this.namespace(inode)
      ns.byNsid.set(nsid, peer)
      ns.nsidOf.set(peer, nsid)
    }
  }
}

function parse(text: string): SnapshotLine {
  try {
    return JSON.parse(text) as SnapshotLine
  } catch (cause) {
    throw new SnapshotError(`a line is not JSON: ${text.slice(0, 60)}`, { cause })
  }
}

/** How the kernel that the snapshot is of was made. Throws SnapshotError. */
export function snapshotBirth(lines: readonly string[]): Birth {
  const first = lines.length > 0 ? parse(lines[0]) : undefined
  if (!first || !('kernel' in first)) throw new SnapshotError('it does not say where the kernel was')
  const { epoch, release } = first.kernel
  return { epoch: BigInt(epoch), release }
}

/** Gives a new kernel the state that the lines describe; returns the kernel's time then. Throws SnapshotError. */
export function restoreSnapshot(kernel: Kernel, wires: Wires, lines: Iterable<string>): bigint {
  const restorer = new Restorer(kernel, wires)
  for (const text of lines) restorer.take(parse(text))
  return restorer.finish()
}
