import { embedded } from '@netkit/kernel'
import type { Kernel } from 'netkit'
import type { KernelKind, Lab } from '../kind.ts'

function lab(kernel: Kernel): Lab {
  return {
    async plug(namespace, queues) {
      await kernel.nics.add({ in: namespace, queues })
    },
    async unplug(namespace, name) {
      const { ifindex } = await kernel.devices.get(name, { in: namespace })
      for (const { id } of (await kernel.nics.list()).filter((nic) => nic.ifindex === ifindex && nic.name === name))
        await kernel.nics.remove(id)
    },
    clear: async () => undefined,
  }
}

/** A kernel of its own for each row. */
export const EMBEDDED: KernelKind = { name: 'embedded', provider: () => embedded(), lab, quiet: 5, skips: {} }
