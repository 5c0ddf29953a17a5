import { IFA_F_DADFAILED, IFA_F_DEPRECATED, IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { V6Address } from '../../net/ip-address.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import { isLinkLocal6, isLoopback6, isMulticast6, sameWords } from '../core/address.ts'

const SCOPE_HOST = 1
const SCOPE_LINK = 2
const SCOPE_SITE = 5
const SCOPE_GLOBAL = 14
const SITE_LOCAL = 0x3fb
const UNIQUE_LOCAL = 0x7e

/** Scope as groups have it. */
function scopeOf(words: Int32Array, at: number): number {
  if (isMulticast6(words, at)) return (words[at] >>> 16) & 0xf
  if (isLoopback6(words, at)) return SCOPE_HOST
  if (isLinkLocal6(words, at)) return SCOPE_LINK
  return words[at] >>> 22 === SITE_LOCAL ? SCOPE_SITE : SCOPE_GLOBAL
}

/** Label of the policy table. Source: RFC 6724 §2.1, as far as addresses of nodes go. */
function labelOf(words: Int32Array, at: number): number {
  if (isLoopback6(words, at)) return 0
  if (words[at] >>> 25 === UNIQUE_LOCAL) return 5
  if (words[at] >>> 16 === 0x2002) return 2
  return words[at] === 0x20010000 ? 6 : 1
}

/** How many of the first bits are the same. */
function commonBits(a: Int32Array, b: Int32Array, at: number): number {
  for (let i = 0; i < 4; i++) if (a[i] !== b[at + i]) return 32 * i + Math.clz32(a[i] ^ b[at + i])
  return 128
}

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
  const scopeA = scopeOf(a.local, 0)
  const scopeB = scopeOf(b.local, 0)
  if (scopeA < scopeB) return scopeA >= wanted
  if (scopeB < scopeA) return scopeB < wanted
  const old = IFA_F_DEPRECATED | IFA_F_OPTIMISTIC
  if ((a.flags & old) !== (b.flags & old)) return (a.flags & old) === 0
  if (ofA !== ofB && (ofA === out || ofB === out)) return ofA === out
  const label = labelOf(to, at)
  const fits = labelOf(a.local, 0) === label
  if (fits !== (labelOf(b.local, 0) === label)) return fits
  return commonBits(a.local, to, at) > commonBits(b.local, to, at)
}

/** The address to speak from to `to[at ..]` behind a device; undefined: there is none. */
export function sourceFor6(ns: NetNamespace, out: Device, to: Int32Array, at: number): V6Address | undefined {
  const near = scopeOf(to, at) <= SCOPE_LINK
  let best: V6Address | undefined
  let bestOn = out
  for (const dev of near ? [out] : ns.sorted()) {
    for (const a of dev.inet?.v6Addresses ?? []) {
      if ((a.flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) !== 0 && (a.flags & IFA_F_OPTIMISTIC) === 0) continue
      if (best !== undefined && !better(a, dev, best, bestOn, out, to, at)) continue
      best = a
      bestOn = dev
    }
  }
  return best
}
