import type { NetdevQueue } from '@netkit/netlink'
import { netkitOf } from './ask.ts'
import { demand } from './broken.ts'
import type { Links } from './check-links.ts'
import type { Machine } from './machine.ts'
import type { Place } from './place.ts'

/** A lease as the physical side tells of it, and the queue that tells. */
interface Told {
  readonly place: Place
  readonly queue: NetdevQueue
}

/**
 * Leases as messages show them. A device that is down shows no queues, so that of some leases one side is seen, or none:
 * for those see the check from inside.
 */
export function checkLeases(machine: Machine, links: Links): void {
  const queues = new Map(machine.places.map((place) => [place, place.queues()]))
  const lessees = new Map<string, Told>()
  for (const [place, list] of queues) {
    for (const queue of list) {
      if (!queue.lease) continue
      const { ifindex = 0, netnsId, queue: id } = queue.lease
      const home = netnsId === undefined ? place : machine.places.find((other) => place.nsidOf(other) === netnsId)
      const says = `${place.label}: queue ${queue.id} of ${queue.ifindex}`
      demand(home !== undefined, () => `${says} is leased to namespace ${netnsId}, which does not exist`)
      const link = links.get(home!)?.find((l) => l.header.ifindex === ifindex)
      demand(
        link?.linkinfo?.kind === 'netkit',
        () => `${says} is leased to ${ifindex} in ${home!.label}, a ${link?.linkinfo?.kind}`,
      )
      const netkit = netkitOf(link!)
      demand(netkit?.pairing === 'single' || netkit?.primary === 0, () => `${says} is leased to a primary end`)
      const number = id?.id ?? -1
      demand(
        id?.type === 'rx' && number >= 1 && number < (link?.numRxQueues ?? 0),
        () => `${says} is leased to queue ${number}`,
      )
      const key = `${home!.label} ${ifindex} ${number}`
      demand(!lessees.has(key), () => `${says} and ${lessees.get(key)?.queue.id} are leased to the same queue`)
      lessees.set(key, { place, queue })
    }
  }
  for (const [place, list] of queues) {
    for (const link of links.get(place) ?? []) {
      if (link.linkinfo?.kind !== 'netkit') continue
      const own = list.filter((q) => q.ifindex === link.header.ifindex)
      demand(
        own.every((q) => q.lease === undefined),
        () => `${place.label}: ${link.ifname} tells of its leases`,
      )
      const rx = own.filter((q) => q.type === 'rx').length
      const leased = [...lessees.keys()].filter((key) =>
        key.startsWith(`${place.label} ${link.header.ifindex} `),
      ).length
      if (rx > 0) demand(leased <= rx - 1, () => `${place.label}: ${link.ifname} has ${rx} queues and ${leased} leases`)
      demand(rx <= (link.numRxQueues ?? 0), () => `${place.label}: ${link.ifname} has more queues than room`)
    }
  }
}
