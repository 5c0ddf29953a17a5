import type { PrefixTable } from '../prefix/prefix-table.ts'
import type { Words } from '../prefix/words.ts'
import type { Device } from './device.ts'

/** Where packets of a route go. */
export interface Nexthop {
  /** Absent: nowhere (blackhole and the like). */
  device: Device | undefined
  /** Absent: the destination is on the link. Its family is that of its length: one word or four. */
  readonly gateway: Words | undefined
  /** 1 to 256. */
  readonly weight: number
  /** RTNH_F_*. */
  flags: number
  /** Of IPv4: of the addresses that the gateway is reached by; NOWHERE for addresses of our own. */
  readonly scope: number
  /** IPv4: RTA_FLOW; absent: none. */
  readonly realm?: number
}

/** A route. IPv4 and IPv6 differ in what they do with it, not in what it says. */
export interface Route {
  readonly family: number
  readonly table: number
  readonly dst: Words
  readonly dstLength: number
  /** IPv6 alone: also by source. */
  readonly src: Words | undefined
  readonly srcLength: number
  readonly tos: number
  /** RTN_*. */
  readonly type: number
  /** RT_SCOPE_*. */
  readonly scope: number
  /** RTPROT_*. */
  readonly protocol: number
  /** Metric: the least wins. */
  readonly priority: number
  prefsrc: Words | undefined
  /** RTAX_* by number; absent: none is set. */
  metrics: Int32Array | undefined
  /** Name of the congestion control, beside the metrics. */
  readonly congestion: string | undefined
  /** RTNH_F_DEAD and LINKDOWN, of the route as a whole. */
  flags: number
  readonly nexthops: Nexthop[]
  /** IPv6: preference among routers, as rtnetlink has it (0 medium, 1 high, 3 low). */
  readonly pref: number
  /** IPv6: when it ends, in hundredths of a second of the kernel's clock; 0: never. */
  expires: number
}

/** The routes of one table: those to the same prefix in the order in which they are tried. */
export interface RouteTable {
  readonly id: number
  readonly family: number
  readonly prefixes: PrefixTable<Route[]>
}

/** A policy rule: which table is asked, by whom. */
export interface Rule {
  readonly family: number
  readonly priority: number
  /** FR_ACT_*. */
  readonly action: number
  readonly table: number
  readonly src: Words
  readonly srcLength: number
  readonly dst: Words
  readonly dstLength: number
  readonly tos: number
  /** Bits of `tos` that count. */
  readonly tosMask: number
  /** The type of service was given as a DSCP, and is told as one. */
  readonly dscp: boolean
  /** Names as they were given; undefined where none is asked for. */
  readonly iifname: string | undefined
  readonly oifname: string | undefined
  readonly mark: number
  readonly mask: number
  /** FIB_RULE_*. */
  readonly flags: number
  readonly target: number
  readonly protocol: number
  readonly suppressLength: number
  readonly suppressGroup: number
  readonly ipProto: number
  readonly uidStart: number
  readonly uidEnd: number
  readonly tunId: bigint
  readonly l3mdev: boolean
  /** FRA_FLOW; 0: none. */
  readonly realm: number
  /** First and last port, the first in the low 16 bits; 0: any. The mask is there where it is one port. */
  readonly sport: number
  readonly sportMask: number
  readonly dport: number
  readonly dportMask: number
}

/** What a namespace knows of routes of one family. */
export interface FamilyRoutes {
  readonly family: number
  /** By number, all that were ever used. */
  readonly tables: Map<number, RouteTable>
  readonly local: RouteTable
  readonly main: RouteTable
  /** In the order in which they are tried. */
  readonly rules: Rule[]
  /** Anyone has ever changed the rules: until then local and main are searched together. */
  ruled: boolean
}

/** IP in a namespace. */
export interface NamespaceIp {
  readonly v4: FamilyRoutes
  readonly v6: FamilyRoutes
}
