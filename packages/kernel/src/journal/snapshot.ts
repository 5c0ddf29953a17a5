import { loopbackDriver } from '../drivers/loopback/loopback.ts'
import type { Kernel } from '../kernel.ts'
import { Device } from '../net/device.ts'
import type { DriverHooks } from '../net/driver.ts'
import type { NetNamespace } from '../net/namespace.ts'
import { fieldsToPlain, fillFields, type Resolver, SnapshotError } from './plain.ts'

/** Drivers of devices that rtnetlink cannot make, by the name that snapshots call them. */
const BUILT_IN: Readonly<Record<string, DriverHooks>> = { loopback: loopbackDriver }

/** Fields of a device that are said otherwise, or not kept: counters count from the start of the kernel process. */
const SKIPPED: ReadonlySet<string> = new Set(['driver', 'ns', 'ifindex', 'counters', 'priv'])

interface KernelLine {
  readonly kernel: { readonly now: string; readonly changes: number; readonly nextInode: number }
}
interface NamespaceLine {
  readonly ns: number
  readonly changeCount: number
  readonly ifindexCursor: number
  readonly nsids: readonly (readonly [nsid: number, inode: number])[]
  /** Drivers and indexes of its devices, in the order of registration. */
  readonly devices: readonly (readonly [driver: string, ifindex: number])[]
}
interface NamesLine {
  /** All names, in the order in which they were given. */
  readonly names: readonly (readonly [name: string, inode: number])[]
}
interface DeviceLine {
  readonly dev: readonly [inode: number, ifindex: number]
  readonly is: Readonly<Record<string, unknown>>
  readonly own?: Readonly<Record<string, unknown>>
  /** Queues that are leased: index here, and the queue at the other end, from the side of the lessee. */
  readonly leases?: readonly (readonly [index: number, inode: number, ifindex: number, queue: number])[]
}
type Line = KernelLine | NamespaceLine | NamesLine | DeviceLine

function nameOfDriver(driver: DriverHooks): string {
  if (driver.kind !== undefined) return driver.kind
  for (const [name, one] of Object.entries(BUILT_IN)) if (one === driver) return name
  throw new SnapshotError(`devices of the driver with names like ${driver.nameTemplate} cannot be kept`)
}

function driverNamed(kernel: Kernel, name: string): DriverHooks {
  const driver = BUILT_IN[name] ?? kernel.drivers.byKind(name)
  if (!driver) throw new SnapshotError(`there is no driver ${name}`)
  return driver
}

function fresh(kernel: Kernel, driver: DriverHooks, ns: NetNamespace): Device {
  const dev = new Device(driver, ns, '', driver.makePriv?.(kernel))
  driver.setup(dev)
  return dev
}

function namespaceLine(ns: NetNamespace): NamespaceLine {
  return {
    ns: ns.inode,
    changeCount: ns.changeCount,
    ifindexCursor: ns.ifindexCursor,
    nsids: [...ns.byNsid].map(([nsid, peer]) => [nsid, peer.inode]),
    devices: [...ns.devices.values()].map((dev) => [nameOfDriver(dev.driver), dev.ifindex]),
  }
}

function deviceLine(dev: Device, usual: Device): DeviceLine {
  const path = `device ${dev.name}`
  const leases: [number, number, number, number][] = []
  for (let index = 0; index < dev.numRxQueues; index++) {
    const other = dev.boundRxQueue(index)?.lease
    // A lease is written down once: by the virtual end, which is what the physical one is not.
    if (other && dev.parent === undefined)
      leases.push([index, other.device.ns.inode, other.device.ifindex, other.index])
  }
  return {
    dev: [dev.ns.inode, dev.ifindex],
    is: fieldsToPlain(dev, path, SKIPPED, usual),
    own:
      typeof dev.priv === 'object' && dev.priv !== null
        ? fieldsToPlain(dev.priv, path, undefined, usual.priv as object)
        : undefined,
    leases: leases.length > 0 ? leases : undefined,
  }
}

/**
 * The state of a kernel as lines of JSON: namespaces and their names and ids, devices in the order of registration with all
 * that can be asked of them, leases, cursors. Clients, packets and counters are not in it. Throws SnapshotError.
 */
export function* snapshotLines(kernel: Kernel): Generator<string, void, undefined> {
  const put = (line: Line) => JSON.stringify(line)
  yield put({
    kernel: { now: String(kernel.world.now()), changes: kernel.changes, nextInode: kernel.nextInode },
  })
  for (const ns of kernel.namespaces) yield put(namespaceLine(ns))
  yield put({ names: kernel.names.list().map((name) => [name, kernel.names.get(name)!.inode]) })
  const usual = new Map<DriverHooks, Device>()
  for (const ns of kernel.namespaces) {
    for (const dev of ns.devices.values()) {
      let like = usual.get(dev.driver)
      if (!like) {
        like = fresh(kernel, dev.driver, ns)
        usual.set(dev.driver, like)
      }
      yield put(deviceLine(dev, like))
    }
  }
}

/** Puts a kernel's parts together again, in the order of the lines. */
class Restorer implements Resolver {
  readonly #kernel: Kernel
  readonly #namespaces = new Map<number, NetNamespace>()
  readonly #later: (() => void)[] = []
  /** Time of the snapshot. */
  now = 0n

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    // What a new kernel has is what every kernel has had first.
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

  line(line: Line): void {
    if ('dev' in line) this.#device(line)
    else if ('ns' in line) this.#namespace(line)
    else if ('names' in line)
      for (const [name, inode] of line.names) this.#kernel.names.add(name, this.namespace(inode))
    else this.#cursors(line)
  }

  #cursors({ kernel }: KernelLine): void {
    this.now = BigInt(kernel.now)
    this.#later.push(() => {
      this.#kernel.changes = kernel.changes
      this.#kernel.nextInode = kernel.nextInode
    })
  }

  #namespace(line: NamespaceLine): void {
    const kernel = this.#kernel
    const ns = this.#namespaces.get(line.ns) ?? kernel.addNamespace(line.ns, kernel.initialUserNs)
    this.#namespaces.set(line.ns, ns)
    for (const dev of [...ns.devices.values()]) {
      ns.remove(dev)
      ns.names.delete(dev.name)
    }
    for (const [driver, ifindex] of line.devices) {
      const dev = fresh(kernel, driverNamed(kernel, driver), ns)
      dev.ifindex = ifindex
      ns.insert(dev)
      if (dev.driver === loopbackDriver) ns.loopback = dev
    }
    this.#later.push(() => {
      ns.changeCount = line.changeCount
      ns.ifindexCursor = line.ifindexCursor
      for (const [nsid, inode] of line.nsids) {
        const peer = this.namespace(inode)
        ns.byNsid.set(nsid, peer)
        ns.nsidOf.set(peer, nsid)
      }
    })
  }

  #device(line: DeviceLine): void {
    const dev = this.device(...line.dev)
    fillFields(dev, line.is, this)
    if (line.own) fillFields(dev.priv as object, line.own, this)
    dev.ns.names.add(dev.name, dev)
    for (const name of dev.altNames ?? []) dev.ns.names.add(name, dev)
    for (const [index, ...to] of line.leases ?? []) this.#later.push(() => this.#lease(dev, index, ...to))
  }

  #lease(dev: Device, index: number, inode: number, ifindex: number, queue: number): void {
    const virtual = dev.rxQueue(index)
    const physical = this.device(inode, ifindex).rxQueue(queue)
    if (!virtual || !physical) throw new SnapshotError(`${dev.name} has no queue ${index} to lease`)
    virtual.lease = physical
    physical.lease = virtual
  }

  finish(): void {
    for (const task of this.#later) task()
  }
}

/** Gives a new kernel the state that the lines describe; returns the kernel's time then. Throws SnapshotError. */
export function restoreSnapshot(kernel: Kernel, lines: Iterable<string>): bigint {
  const restorer = new Restorer(kernel)
  for (const text of lines) {
    let line: Line
    try {
      line = JSON.parse(text) as Line
    } catch (cause) {
      throw new SnapshotError(`a line is not JSON: ${text.slice(0, 60)}`, { cause })
    }
    restorer.line(line)
  }
  restorer.finish()
  return restorer.now
}
