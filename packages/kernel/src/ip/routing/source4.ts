import { IFA_F_SECONDARY, RT_SCOPE_LINK } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { leading } from '../../prefix/words.ts'

/** On a device; 0 if it has none that reaches far enough. `target`: whose network the address should be in, 0 any. */
function onDevice(dev: Device, target: number, scope: number): number {
  const addresses = dev.inet?.v4Addresses
  if (addresses === undefined) return 0
  let first = 0
  for (const a of addresses) {
    if ((a.flags & IFA_F_SECONDARY) !== 0 || a.scope > scope) continue
    if (target === 0 || ((a.address ^ target) & leading(a.prefixLength)) === 0) return a.local
    if (first === 0) first = a.local
  }
  return first
}

/**
 * The address to speak from to a target behind a device: one of the device's that shares a network with it, else its first, else any of the
 * namespace's. 0: there is none. `scope`: how far it must reach, RT_SCOPE_*.
 */
export function sourceFor4(dev: Device, target: number, scope: number): number {
  const here = onDevice(dev, target, scope)
  if (here !== 0) return here
  for (const other of dev.ns.sorted()) {
    for (const a of other.inet?.v4Addresses ?? []) {
      if ((a.flags & IFA_F_SECONDARY) === 0 && a.scope !== RT_SCOPE_LINK && a.scope <= scope) return a.local
    }
  }
  return 0
}
