import type { Kernel, NetNamespace } from '@netkit/kernel'
import type { KernelStatus } from '../../commands/context.ts'
import type { Host } from './host.ts'

/** Queues of a namespace's devices that are leased, seen from the lessee. */
function leasesIn(ns: NetNamespace): number {
  let leases = 0
  for (const dev of ns.devices.values()) {
    if (dev.parent !== undefined) continue
    for (let index = 0; index < dev.realRxQueues; index++) if (dev.boundRxQueue(index)?.lease) leases++
  }
  return leases
}

function count({ namespaces }: Kernel): { readonly devices: number; readonly leases: number } {
  let devices = 0
  let leases = 0
  for (const ns of namespaces) {
    devices += ns.devices.size
    leases += leasesIn(ns)
  }
  return { devices, leases }
}

/** What `netkit kernel status` shows. */
export function statusOf(host: Host): KernelStatus {
  return {
    pid: process.pid,
    version: host.version,
    release: host.kernel.release.name,
    extensions: [...host.kernel.extensions],
    socket: host.socketPath,
    journal: host.journalPath,
    journalBytes: host.journalBytes(),
    startedAt: host.startedAt,
    clients: host.connections(),
    namespaces: host.kernel.namespaces.size,
    ...count(host.kernel),
    memory: process.memoryUsage.rss(),
    identifiedBy: host.identifiedBy,
  }
}
