import type { Kernel } from '../kernel.ts'
import type { Device } from '../net/device.ts'
import { listRoutes } from '../net/ip/tables.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { FamilyRoutes } from '../net/route.ts'
import { saveIp } from './keep-ip.ts'
import type { Keeper } from './keeper.ts'
import { keeperOf } from './keepers.ts'
import { fieldsToPlain, toPlain } from './plain.ts'
import { type DeviceLine, type NamespaceLine, NOT_KEPT, type RoutesLine, type SnapshotLine } from './snapshot-lines.ts'
import type { Wires } from './wires.ts'

/** Tables that there are from the beginning, or come with the first routes: local and main. */
const BORN_TABLES = 2

const namespaceLine = (ns: NetNamespace): NamespaceLine => ({
  ns: ns.inode,
  changeCount: ns.changeCount,
  ifindexCursor: ns.ifindexCursor,
  nsids: [...ns.byNsid].map(([nsid, peer]) => [nsid, peer.inode]),
  devices: [...ns.devices.values()].map((dev) => [keeperOf(dev.driver).name, dev.ifindex, dev.numRxQueues]),
})

/** The leases of a lessee. They are written down once, at this end. */
function leasesOf(dev: Device): DeviceLine['leases'] {
  if (dev.parent !== undefined) return undefined
  const leases: [number, number, number, number][] = []
  for (let index = 0; index < dev.realRxQueues; index++) {
    const physical = dev.boundRxQueue(index)?.lease
    if (physical) leases.push([index, physical.device.ns.inode, physical.device.ifindex, physical.index])
  }
  return leases.length > 0 ? leases : undefined
}

/** Absent: there is nothing but what a namespace begins with. */
function routesLine(ns: NetNamespace, family: FamilyRoutes): RoutesLine | undefined {
  const tables = [...family.tables.values()]
  const routes = tables.flatMap((table) => listRoutes(table))
  if (routes.length === 0 && tables.length <= BORN_TABLES) return undefined
  return { of: [ns.inode, family.family], tables: tables.map(({ id }) => id), routes: routes.map((r) => toPlain(r)) }
}

const deviceLine = (dev: Device, keeper: Keeper, like: Device): DeviceLine => ({
  dev: [dev.ns.inode, dev.ifindex],
  is: fieldsToPlain(dev, dev.name, NOT_KEPT, like),
  own: keeper.save(dev, like),
  leases: leasesOf(dev),
})

/**
 * The state of a kernel as lines of JSON: namespaces, their names and ids, devices in the order of registration with all that
 * can be asked of them, leases, wires, cursors. Clients, packets and counters are not in it. Throws SnapshotError.
 */
export function* snapshotLines(kernel: Kernel, wires: Wires): Generator<string, void, undefined> {
  const put = (line: SnapshotLine) => JSON.stringify(line)
  yield put({
    kernel: {
      epoch: String(kernel.epoch),
      now: String(kernel.world.now()),
      release: kernel.release.name,
      changes: kernel.changes,
      nextInode: kernel.nextInode,
      nextNapi: kernel.napis.next,
      lastPagePool: kernel.pagePools.lastId,
      lastDevlink: kernel.nics.devlinks,
    },
  })
  for (const ns of kernel.namespaces) yield put(namespaceLine(ns))
  yield put({ names: kernel.names.list().map((name) => [name, kernel.names.get(name)!.inode]) })
  const like = new Map<Keeper, Device>()
  for (const ns of kernel.namespaces) {
    for (const dev of ns.devices.values()) {
      const keeper = keeperOf(dev.driver)
      if (!like.has(keeper)) like.set(keeper, keeper.make(kernel, ns, 1))
      yield put(deviceLine(dev, keeper, like.get(keeper)!))
    }
  }
  for (const ns of kernel.namespaces) {
    for (const routes of [ns.ip.v4, ns.ip.v6]) {
      const line = routesLine(ns, routes)
      if (line) yield put(line)
    }
    const ip = saveIp(kernel, ns)
    if (ip) yield put(ip)
  }
  yield put({ wires: [...wires.entries()] })
}
