import { IFA_F_DEPRECATED, IFA_F_HOMEADDRESS, IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { V6Address } from '../../net/ip-address.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import { isAny6, isLinkLocal6, isLoopback6, isMulticast6, sameWords } from '../core/address.ts'

/** The unspecified address has no scope: it is smaller than any. */
const SCOPE_NONE = -1
const SCOPE_LINK = 2
const SCOPE_SITE = 5
const SCOPE_GLOBAL = 14
const SITE_LOCAL = 0x3fb
const UNIQUE_LOCAL = 0x7e
/** 2001:10::/28. */
const ORCHID = 0x2001001
/** Scopes that do not reach far enough come behind all that do. */
const TOO_NEAR = 128

/** Scope as groups have it. That of ::1 is the link. */
function scopeOf(words: Int32Array, at: number): number {
  if (isMulticast6(words, at)) return (words[at] >>> 16) & 0xf
  if (isAny6(words, at)) return SCOPE_NONE
  if (isLoopback6(words, at) || isLinkLocal6(words, at)) return SCOPE_LINK
  return isSiteLocal(words, at) ? SCOPE_SITE : SCOPE_GLOBAL
}

const hasNoPrefix = (words: Int32Array, at: number): boolean => words[at] === 0 && words[at + 1] === 0
const isCompatible = (words: Int32Array, at: number): boolean => hasNoPrefix(words, at) && words[at + 2] === 0
const isMapped = (words: Int32Array, at: number): boolean => hasNoPrefix(words, at) && words[at + 2] === 0xffff
const isSiteLocal = (words: Int32Array, at: number): boolean => words[at] >>> 22 === SITE_LOCAL
const isOrchid = (words: Int32Array, at: number): boolean => words[at] >>> 4 === ORCHID

/** Label of the policy table. Source: RFC 6724 §2.1; Linux adds that of ORCHIDs. */
function labelOf(words: Int32Array, at: number): number {
  if (isLoopback6(words, at)) return 0
  if (isCompatible(words, at)) return 3
  if (isMapped(words, at)) return 4
  if (words[at] >>> 25 === UNIQUE_LOCAL) return 5
  if (isSiteLocal(words, at)) return 11
  if (words[at] >>> 16 === 0x2002) return 2
  if (words[at] >>> 16 === 0x3ffe) return 12
  if (isOrchid(words, at)) return 7
  return words[at] === 0x20010000 ? 6 : 1
}

/** How many of the first bits are the same. */
function commonBits(a: Int32Array, b: Int32Array, at: number): number {
  for (let i = 0; i < 4; i++) if (a[i] !== b[at + i]) return 32 * i + Math.clz32(a[i] ^ b[at + i])
  return 128
}

function suits(a: V6Address, wanted: number): number {
  const scope = scopeOf(a.local, 0)
  return scope >= wanted ? -scope : scope - TOO_NEAR
}

const isOld = (a: V6Address): boolean =>
  (a.flags & (IFA_F_DEPRECATED | IFA_F_OPTIMISTIC)) !== 0 && !isCompatible(a.local, 0) && !isMapped(a.local, 0)

/** Whether `a` is a better source than `b` for a destination. Source: RFC 6724 §5. */
function better(
  a: V6Address,
  ofA: Device,
  b: V6Address,
  ofB: Device,
  out: Device,
  to: Int32Array,
  at: number,
): boolean {
  const same = sameWords(a.local, 0, to, at)
  if (same !== sameWords(b.local, 0, to, at)) return same
  const wanted = scopeOf(to, at)
  const suitsA = suits(a, wanted)
  const suitsB = suits(b, wanted)
  if (suitsA !== suitsB) return suitsA > suitsB
  if (isOld(a) !== isOld(b)) return isOld(b)
  const home = (a.flags & IFA_F_HOMEADDRESS) !== 0
  if (home !== ((b.flags & IFA_F_HOMEADDRESS) !== 0)) return home
  if (ofA !== ofB && (ofA === out || ofB === out)) return ofA === out
  const label = labelOf(to, at)
  const fits = labelOf(a.local, 0) === label
  if (fits !== (labelOf(b.local, 0) === label)) return fits
  const orchid = isOrchid(to, at)
  const fitsOrchid = isOrchid(a.local, 0) === orchid
  if (fitsOrchid !== (isOrchid(b.local, 0) === orchid)) return fitsOrchid
  return Math.min(commonBits(a.local, to, at), a.prefixLength) > Math.min(commonBits(b.local, to, at), b.prefixLength)
}

/** The address to speak from to `to[at ..]` behind a device; undefined: there is none. */
export function sourceFor6(ns: NetNamespace, out: Device, to: Int32Array, at: number): V6Address | undefined {
  const near = isMulticast6(to, at) || scopeOf(to, at) <= SCOPE_LINK
  let best: V6Address | undefined
  let bestOn = out
  for (const dev of near ? [out] : ns.sorted()) {
    for (const a of dev.inet?.v6Addresses ?? []) {
      if ((a.flags & IFA_F_TENTATIVE) !== 0 && (a.flags & IFA_F_OPTIMISTIC) === 0) continue
      if (isAny6(a.local, 0) || isMulticast6(a.local, 0)) continue
      if (best !== undefined && !better(a, dev, best, bestOn, out, to, at)) continue
      best = a
      bestOn = dev
    }
  }
  return best
}
