import type { FamilyById } from '@netkit/netlink'

/** Bytes of a request that only the kernel knows, when earlier steps have been carried out. */
export interface Unknown {
  /** Counted from the message header. */
  readonly offset: number
  /** Bytes. */
  readonly length: number
  /** `ifindex of nk0`. */
  readonly what: string
}

/** A netlink request that a dry run held back. */
export interface HeldRequest {
  readonly door: 'netlink'
  /** NETLINK_ROUTE (0) or NETLINK_GENERIC (16). */
  readonly protocol: number
  /** Name of the namespace that it would act in; absent: the client's own, or one without a name. */
  readonly namespace: string | undefined
  /** The message as it would be sent, but for what is unknown. */
  readonly bytes: Uint8Array
  readonly unknowns: readonly Unknown[]
  /** What its type means, where it is generic. */
  readonly families: FamilyById
}

/** A call of another door that a dry run held back. */
export interface HeldCall {
  readonly door: 'namespaces' | 'hardware' | 'packets' | 'ethtool' | 'bpf' | 'sysctl'
  /** What would be called: `create`, `addNic`. */
  readonly call: string
  /** What with, by name. */
  readonly args: Readonly<Record<string, string | number | undefined>>
  readonly namespace: string | undefined
  /** What would be handed over, where that is bytes. */
  readonly bytes?: Uint8Array
}

export type Held = HeldRequest | HeldCall
