import type { Actual, Found, FoundLease } from './actual.ts'
import { canonical } from './match.ts'
import type { LeaseState } from './schema/schema.ts'
import type { Entry } from './targets.ts'

/** The NIC of a lease: an entry of the document, or one that is there. */
export type Lessor =
  | { readonly entry: Entry; readonly found: Found | undefined }
  | { readonly entry: undefined; readonly found: Found }

/** Finds the NIC that a lease names. `nicOf`: the device that an entry was recognized in. */
export function lessorOf(
  { nic, netns }: LeaseState,
  nics: ReadonlyMap<string, Entry>,
  nicOf: (entry: Entry) => Found | undefined,
  actual: Actual,
): Lessor | undefined {
  const entry = netns === undefined ? nics.get(nic) : undefined
  if (entry) return { entry, found: nicOf(entry) }
  const there = canonical(actual.places, netns)
  const found = actual.devices.find((d) => d.isNic && d.netns === there && d.device.name === nic)
  return found && { entry: undefined, found }
}

/** What a device leases, in the order of its queues. */
export const leasesTo = ({ leases }: Actual, lessee: Found): FoundLease[] =>
  leases.filter((lease) => lease.lessee === lessee).sort((a, b) => a.as - b.as)

/** `eth0 queue 7` */
export const leaseText = (nic: string, queue: number): string => `${nic} queue ${queue}`
