import type { Words } from '../prefix/words.ts'
import type { Request } from './request.ts'

/** One way that a wanted route may go. Numbers and words as in `Nexthop`. */
export interface NexthopWish {
  /** 0: not said. */
  readonly oif: number
  readonly gateway: Words | undefined
  readonly weight: number
  readonly flags: number
  /** IPv4: RTA_FLOW; absent: none. */
  readonly realm?: number
}

/** What is read of a request only when it is needed, because what is wrong with it is told only then. */
export interface RouteDetails {
  readonly metrics: Int32Array | undefined
  readonly congestion: string | undefined
  /** Absent: the route goes one way. */
  readonly several: readonly NexthopWish[] | undefined
}

/** A route as someone wants it, before anything is checked against what there is. */
export interface RouteWish {
  readonly family: number
  readonly table: number
  /** IPv6: no table was said, so that gateways are not looked for in this one first. */
  readonly anyTable?: boolean
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
  /** RTNH_F_* of the request's header. */
  readonly flags: number
  readonly pref?: number
  /** Hundredths of a second on the kernel's clock; 0: never. */
  readonly expires?: number
  /** What is said of the way outside of a list. */
  readonly only: NexthopWish
  /** A negative errno where something is wrong. Absent: there are none. */
  readonly details?: () => RouteDetails | number
  /** Refuses a tunnel that nexthops are to have; a negative errno, or 0 if there is none. */
  readonly tunnel?: () => number
  /** NLM_F_*: create, replace, append, exclusive. */
  readonly nlFlags: number
  /** Whose refusals are told, and who may want an echo. */
  readonly req?: Request
}
