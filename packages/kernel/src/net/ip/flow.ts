import { AF_INET } from '@netkit/netlink'
import type { Words } from '../../prefix/words.ts'
import type { Nexthop, Route } from '../route.ts'

/** What is known of a packet when its route is looked for. Made once and filled in for each packet; words of IPv4 come first. */
export class Flow {
  family = AF_INET
  readonly dst: Words = new Int32Array(4)
  readonly src: Words = new Int32Array(4)
  /** Ifindex of the device that it must leave by; 0: any. */
  oif = 0
  /** Ifindex of the device whose routes IPv6 prefers where none is named: the one that the packet came in by. */
  link = 0
  /** Ifindex of the device that it came in by; that of the loopback for what is sent here; 0: not known. */
  iif = 0
  mark = 0
  tos = 0
  /** RT_SCOPE_*: only routes of at least this scope count (IPv4). */
  scope = 0
  ipProto = 0
  sport = 0
  dport = 0
  uid = 0
  /** Chooses among the nexthops of a route: 31 bits. */
  hash = 0
  /** IPv6: hundredths of a second of the kernel's clock: routes that have ended do not count. 0: all do. */
  now = 0
  /** Only routes out of `oif` itself count (IPv6: destinations that mean nothing on other links, a device without a source). */
  strictOif = false
  /** Routes count whatever device they lead out of (IPv4: the caller has chosen it). */
  anyDevice = false

  /** Forgets everything but the family. */
  reset(family: number): this {
    this.family = family
    this.dst.fill(0)
    this.src.fill(0)
    this.oif = this.link = this.iif = this.mark = this.tos = this.scope = 0
    this.ipProto = this.sport = this.dport = this.uid = this.hash = this.now = 0
    this.strictOif = this.anyDevice = false
    return this
  }
}

/** What was found. Only after a lookup that returned 0 it says anything. */
export interface Found {
  route: Route | undefined
  nexthop: Nexthop | undefined
}

export const makeFound = (): Found => ({ route: undefined, nexthop: undefined })

const shared: Found[] = []

/** One that a module uses again and again, for any kernel. */
export function sharedFound(): Found {
  const found = makeFound()
  shared.push(found)
  return found
}

/** A device goes: what was found last does not keep it. */
export function forgetFound(): void {
  for (const found of shared) {
    found.route = undefined
    found.nexthop = undefined
  }
}
