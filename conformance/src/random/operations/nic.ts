import { KernelError } from '@netkit/netlink'
import type { Operation } from './operation.ts'
import { nameFor } from './values.ts'

const MOST = 4

/** A NIC is plugged in. The hardware door does the same, but only later, when its promise runs. */
export const plugNic: Operation = ({ machine, place, chance }) => {
  const { nics } = machine.kernel
  if (nics.nics.size >= MOST) return undefined
  const options = {
    ns: place.ns,
    queues: 1 + chance.below(4),
    ...(chance.odds(1, 5) && { name: nameFor(chance) }),
    ...(chance.odds(1, 5) && { id: chance.below(4) }),
  }
  return {
    says: `plug in ${options.name ?? 'eth%d'} with ${options.queues} queues at ${place.label}`,
    run() {
      try {
        nics.plug(options)
      } catch (e) {
        if (!(e instanceof KernelError)) throw e
      }
      machine.kernel.afterRequest()
    },
  }
}

export const unplugNic: Operation = ({ machine, chance }) => {
  const { nics } = machine.kernel
  if (nics.nics.size === 0) return undefined
  const id = chance.pick([...nics.nics.keys()])
  return {
    says: `unplug NIC ${id}`,
    run() {
      nics.unplug(id)
      machine.kernel.afterRequest()
    },
  }
}
