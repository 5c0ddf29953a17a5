import type { Device } from './device.ts'
import { backing } from './lease.ts'

/** What the memory of a receive queue must be mapped for: of a leased one, what its lessor's must. */
export function receivingDma(dev: Device, index: number): object | undefined {
  const bound = dev.boundRxQueue(index)
  if (!bound?.lease) return dev.parent && dev.driver.dmaDevice?.(dev, index)
  if (dev.parent) return undefined // leased out: not its own any more
  const physical = backing(bound)
  return physical.device.driver.dmaDevice?.(physical.device, physical.index)
}
