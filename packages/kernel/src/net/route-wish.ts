import type { Words } from '../prefix/words.ts'
import type { Request } from './request.ts'

/** One way that a wanted route may go. Numbers and words as in `Nexthop`. */
export interface NexthopWish {
  /** 0: not said. */
  readonly oif: number
  readonly gateway: Words | undefined
  readonly weight: number
  readonly flags: number
}

/** A route as someone wants it, before anything is checked against what there is. */
export interface RouteWish {
  readonly family: number
  readonly table: number
  readonly dst: Words
  readonly dstLength: number
  readonly src?: Words
  readonly srcLength?: number
  readonly tos: number
  readonly type: number
  readonly scope: number
  readonly protocol: number
  /** 0: not said. */
  readonly priority: number
  readonly prefsrc?: Words
  readonly metrics?: Int32Array
  readonly congestion?: string
  /** RTNH_F_* of the request's header. */
  readonly flags: number
  readonly realm?: number
  readonly pref?: number
  /** Hundredths of a second on the kernel's clock; 0: never. */
  readonly expires?: number
  readonly nexthops: readonly NexthopWish[]
  /** The nexthops came as a list. */
  readonly multipath: boolean
  /** NLM_F_*: create, replace, append, exclusive. */
  readonly nlFlags: number
  /** Whose refusals are told, and who may want an echo. */
  readonly req?: Request
}
