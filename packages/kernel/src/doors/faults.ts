import { type ErrnoName, errno, errnoName, type Fault, faultFault, type HardwareDoor, refused } from '@netkit/netlink'
import { nicState } from '../drivers/nic/state.ts'
import type { Kernel } from '../kernel.ts'

const NS_PER_MS = 1e6

/** The part of the machine room where things are made to go wrong. `demand`: throws unless the client may. */
export function faultsDoor(
  kernel: Kernel,
  demand: (op: string) => void,
): Pick<HardwareDoor, 'fault' | 'faults' | 'clearFaults'> {
  return {
    async fault(fault) {
      const op = 'add a fault'
      demand(op)
      const wrong = faultFault(fault)
      if (wrong) throw refused(op, 'EINVAL', `${wrong[0]} must be ${wrong[1]}`)
      add(kernel, fault, op)
    },
    faults: async () => [...pending(kernel)],
    async clearFaults() {
      demand('clear faults')
      kernel.faults.clear()
      for (const dev of kernel.nics.nics.values()) nicState(dev).faults = []
    },
  }
}

function add(kernel: Kernel, fault: Fault, op: string): void {
  const { faults } = kernel
  if (fault.kind === 'dump') faults.dumps += fault.times ?? 1
  else if (fault.kind === 'overrun') faults.overruns += fault.times ?? 1
  else if (fault.kind === 'stall') faults.stalledUntil = kernel.world.now() + BigInt(Math.round(fault.ms * NS_PER_MS))
  else {
    const { nic, queue, step, nth = 1, error = 'ENOMEM' } = fault
    const dev = kernel.nics.nics.get(nic)
    if (!dev) throw refused(op, 'ENOENT', `there is no NIC ${nic}`)
    if (queue >= dev.numRxQueues) throw refused(op, 'EINVAL', `its queues are 0 to ${dev.numRxQueues - 1}`)
    nicState(dev).faults.push({ queue, step, errno: errno[error], left: nth })
  }
}

function* pending({ faults, nics, world }: Kernel): Generator<Fault> {
  for (const [nic, dev] of nics.nics) {
    for (const { queue, step, left, errno } of nicState(dev).faults)
      yield { kind: 'restart', nic, queue, step, nth: left, error: errnoName(errno) as ErrnoName }
  }
  if (faults.dumps > 0) yield { kind: 'dump', times: faults.dumps }
  if (faults.overruns > 0) yield { kind: 'overrun', times: faults.overruns }
  const left = faults.stalledUntil - world.now()
  if (faults.stalledUntil >= 0n && left > 0n) yield { kind: 'stall', ms: Number(left) / NS_PER_MS }
}
