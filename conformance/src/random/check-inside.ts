import { demand } from './broken.ts'
import type { Machine } from './machine.ts'

type Ns = Machine['kernel']['initialNs']
type Device = Ns['devices'] extends ReadonlyMap<number, infer D> ? D : never

/**
 * What messages do not show: leases of devices that are down, the tables of names and numbers themselves (a name that leads
 * to a device that is gone is not in any dump), ids of namespaces that nobody has a descriptor for, state that should be
 * gone. Also cheap enough to be looked at after each step of many sequences.
 */
export function checkInside(machine: Machine): void {
  const { kernel } = machine
  demand(kernel.namespaces.size === machine.places.length, () => `${kernel.namespaces.size} namespaces live on`)
  const devices: Device[] = []
  for (const ns of kernel.namespaces) {
    demand(ns.alive && ns.holds > 0, () => 'a namespace that is gone is still there')
    checkIds(machine, ns)
    for (const [ifindex, dev] of ns.devices) {
      devices.push(dev)
      demand(
        dev.ifindex === ifindex && dev.ns === ns,
        () => `${dev.name} is entered as ${ifindex}, and is ${dev.ifindex}`,
      )
      demand(dev.state === 1 && !dev.moving && !dev.linkEventPending, () => `${dev.name} is left in state ${dev.state}`)
      for (const name of [dev.name, ...(dev.altNames ?? [])]) {
        demand(ns.names.get(name) === dev, () => `'${name}' does not lead to ${dev.name}`)
      }
    }
    const names = new Set([...ns.devices.values()].flatMap((dev) => [dev.name, ...(dev.altNames ?? [])]))
    demand(ns.names.size === names.size, () => `${ns.names.size} names are known of ${names.size}`)
  }
  for (const dev of devices) checkQueues(dev)
  const plugged = [...kernel.nics.nics.values()]
  demand(
    plugged.every((dev) => dev.ns.devices.get(dev.ifindex) === dev),
    () => 'a NIC is plugged in and nowhere',
  )
  demand(devices.filter((dev) => dev.parent).length === plugged.length, () => 'a NIC is somewhere and not plugged in')
}

function checkIds({ kernel }: Machine, ns: Ns): void {
  demand(ns.nsidOf.size === ns.byNsid.size, () => 'ids of namespaces are not one to one')
  for (const [other, id] of ns.nsidOf) {
    demand(ns.byNsid.get(id) === other, () => `nsid ${id} leads elsewhere`)
    demand(kernel.namespaces.has(other), () => `nsid ${id} leads to a namespace that is gone`)
  }
}

/** Queue 0 of a virtual device is its own, all others are leased, all from one NIC; nothing beyond those in use is leased. */
function checkQueues(dev: Device): void {
  const lessors = new Set<Device>()
  for (let i = 0; i < dev.numRxQueues; i++) {
    const queue = dev.boundRxQueue(i)
    const lease = queue?.lease
    if (lease) {
      demand(lease.lease === queue, () => `the lease of queue ${i} of ${dev.name} is one-sided`)
      demand(lease.device.state === 1, () => `queue ${i} of ${dev.name} is leased with a device that is gone`)
      demand(
        (lease.device.parent === undefined) !== (dev.parent === undefined),
        () => `${dev.name} leases from its like`,
      )
      demand(i < dev.realRxQueues, () => `queue ${i} of ${dev.name} is leased and not in use`)
      lessors.add(lease.device)
    }
    if (dev.driver.createQueue) {
      const should = i > 0 && i < dev.realRxQueues
      demand(
        (lease !== undefined) === should,
        () => `queue ${i} of ${dev.realRxQueues} of ${dev.name}: leased is ${!should}`,
      )
    }
  }
  if (!dev.parent) demand(lessors.size <= 1, () => `${dev.name} leases from ${lessors.size} devices`)
}
