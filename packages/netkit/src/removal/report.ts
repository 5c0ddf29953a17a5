import type { KnownNamespace, Lease } from '../leases/lease.ts'

/** A device that goes because of something else that goes. */
export interface LostDevice {
  readonly ifindex: number
  /** Absent where the client may not look. */
  readonly name: string | undefined
  /** Where it is; `netnsid` as the namespace knows it in which the removal acts. */
  readonly namespace: KnownNamespace
  /** `peer`: the other end of a pair. `lessee`: it leases a queue of a NIC. `namespace`: it lives in a namespace that goes. */
  readonly because: 'peer' | 'lessee' | 'namespace'
  /** Name of the device or the namespace that takes it along. */
  readonly of: string
}

/** What a removal takes along, besides what is removed itself. */
export interface RemovalReport {
  readonly devices: readonly LostDevice[]
  /** Leases that end, so that the physical queues are free again. */
  readonly leases: readonly Lease[]
  /** Names of NICs that go back to the initial namespace, because theirs goes. */
  readonly returned: readonly string[]
}
