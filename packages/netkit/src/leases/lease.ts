import type { DeviceSelector } from '../devices/selector.ts'
import type { NamespaceTarget } from '../places/namespace.ts'

/** A namespace as it is known here. */
export interface KnownNamespace {
  /** Its name, if it has one. */
  readonly name: string | undefined
  /** It is the one that the client itself lives in. */
  readonly current: boolean
  /** The id by which the namespace of the physical device knows it; absent if they are the same, or if it has none yet. */
  readonly netnsid: number | undefined
}

/** One end of a lease: a receive queue of a device. */
export interface LeaseEnd {
  readonly ifindex: number
  /** Absent where the client may not look. */
  readonly name: string | undefined
  /** From 0. */
  readonly queue: number
  readonly namespace: KnownNamespace
}

/** A receive queue of a physical device (the lessor) that is bound to one of a virtual device (the lessee). */
export interface Lease {
  readonly lessor: LeaseEnd
  readonly lessee: LeaseEnd
}

/** A device in a namespace. */
export interface DeviceIn {
  readonly device: DeviceSelector
  /** Default: where the device was found, else the namespace that the client itself lives in. */
  readonly in?: NamespaceTarget
}
