import type { Core } from './core.ts'
import type { Listener } from './listener.ts'
import type { NetNamespace } from './namespace.ts'

/** Key of a multicast group in a namespace's listeners. */
export const groupKey = (protocol: number, group: number): number => protocol * 0x10000 + group

/** Whether anyone would hear a notification of the namespace in the group. */
export function hasListeners(kernel: Core, ns: NetNamespace, protocol: number, group: number): boolean {
  const key = groupKey(protocol, group)
  return (ns.listeners.get(key)?.size ?? 0) > 0 || kernel.hearsAll(key)
}

/** Sends a notification to all who subscribed, but one. */
export function multicast(
  kernel: Core,
  ns: NetNamespace,
  protocol: number,
  group: number,
  bytes: Uint8Array,
  except?: Listener,
): void {
  const key = groupKey(protocol, group)
  const here = ns.listeners.get(key)
  const lost = isLost(kernel, (here?.size ?? 0) > 0)
  if (here) {
    for (const socket of here) {
      if (socket === except) continue
      if (lost) socket.overrun()
      else socket.deliver(bytes, group)
    }
  }
  for (const socket of kernel.listenersEverywhere(key)) {
    if (socket.ns === ns || socket === except) continue
    const nsid = socket.ns.nsidOf.get(ns)
    if (nsid !== undefined) socket.deliver(bytes, group, nsid)
  }
}

/** Whether a notification that somebody would hear is to be lost: a fault that was asked for. */
function isLost({ faults }: Core, heard: boolean): boolean {
  if (faults.overruns === 0 || !heard) return false
  faults.overruns--
  return true
}
