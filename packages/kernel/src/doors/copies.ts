import type { CopiesDoor, CopyCount } from '@netkit/netlink'
import type { Kernel } from '../kernel.ts'
import type { Process } from '../net/process.ts'
import { COPY_REASONS } from '../packet/copy-reason.ts'
import { namespaceOf } from './namespace-of.ts'

const NOWHERE = 0

/** What the kernel has copied, for one client. */
export const copiesDoor = (kernel: Kernel, process: Process): CopiesDoor => ({
  async read(namespace) {
    const ns = namespaceOf(process, namespace, 'read what was copied')
    if (!kernel.path.used) return []
    const counts = countsAt(kernel, NOWHERE)
    for (const dev of ns.devices.values())
      if (dev.pathNumber !== 0) counts.push(...countsAt(kernel, dev.pathNumber, dev.name))
    return counts
  },
})

function countsAt(kernel: Kernel, place: number, device?: string): CopyCount[] {
  const { copies: meter } = kernel.path.packets.memory
  const counts: CopyCount[] = []
  for (const [reason, name] of COPY_REASONS.entries()) {
    const { bytes, copies } = meter.at(place, reason)
    if (copies > 0) counts.push({ ...(device !== undefined && { device }), reason: name, bytes, copies })
  }
  return counts
}
