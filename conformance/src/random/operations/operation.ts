import type { Chance } from '@netkit/netlink/testing'
import type { Caller, Machine } from '../machine.ts'
import type { Place } from '../place.ts'

/** A request that is about to be sent. */
export interface Asked {
  readonly says: string
  readonly place: Place
  readonly protocol: number
  readonly request: Uint8Array
  /** If it is refused, nothing may have changed. Modifications may have been carried out in part. Source: spec 01 §2.7. */
  readonly atomic: boolean
  /** It must be carried out: nothing about it is wrong. */
  readonly must?: true
}

/** What someone does that is no request: namespaces and NICs come and go. */
export interface Done {
  readonly says: string
  run(machine: Machine): void
}

export interface Situation {
  readonly machine: Machine
  readonly chance: Chance
  readonly place: Place
  readonly caller: Caller
}

/** Makes something to do out of chance and what is there; undefined if there is nothing to do it to. */
export type Operation = (s: Situation) => Asked | Done | undefined
