import { IFA_F_TENTATIVE, RT_SCOPE_HOST, RT_SCOPE_LINK, RT_SCOPE_SITE, RT_SCOPE_UNIVERSE } from '@netkit/netlink'
import { isZero, sameWords, type Words } from '../../prefix/words.ts'
import type { Device } from '../device.ts'
import type { NetNamespace } from '../namespace.ts'

export const isLoopback6 = (a: Words): boolean => a[0] === 0 && a[1] === 0 && a[2] === 0 && a[3] === 1
export const isMulticast6 = (a: Words): boolean => a[0] >>> 24 === 0xff
/** fe80::/10. */
export const isLinkLocal = (a: Words): boolean => a[0] >>> 22 === 0x3fa
/** ::ffff:0:0/96. */
export const isMapped = (a: Words): boolean => a[0] === 0 && a[1] === 0 && a[2] === 0xffff
/** Whether an address means something on one link only, so that the way there must lead out of that. */
export const isOfLink = (a: Words): boolean => isLinkLocal(a) || isMulticast6(a) || isLoopback6(a)
/** fec0::/10. */
const isSiteLocal = (a: Words): boolean => a[0] >>> 22 === 0x3fb

/** Whether an address may stand for one node: neither none, nor a group, nor an IPv4 address in disguise. */
export const isUnicast6 = (a: Words): boolean => !isMulticast6(a) && !isZero(a) && !isMapped(a)

/** RT_SCOPE_* of an address. */
export function scopeOf6(a: Words): number {
  if (isLoopback6(a)) return RT_SCOPE_HOST
  if (isLinkLocal(a)) return RT_SCOPE_LINK
  return isSiteLocal(a) ? RT_SCOPE_SITE : RT_SCOPE_UNIVERSE
}

/** How wide an address reaches as a source: the greater the wider. Addresses are listed by it. */
export function reach(a: Words): number {
  if (isLoopback6(a) || isLinkLocal(a)) return 2
  return isSiteLocal(a) ? 5 : 14
}

/** Whether an address belongs to a device of the namespace, or to the given one. `tentative`: those that are not sure, too. */
export function hasAddress6(ns: NetNamespace, address: Words, dev?: Device, tentative = false): boolean {
  const has = (one: Device): boolean =>
    (one.inet?.v6Addresses ?? []).some(
      (a) => sameWords(a.local, address) && (tentative || (a.flags & IFA_F_TENTATIVE) === 0),
    )
  if (dev !== undefined) return has(dev)
  for (const one of ns.devices.values()) if (has(one)) return true
  return false
}

/** Whether packets out of a device may be sent from an address: what is of a link or a host is of no other device. */
export const maySendFrom6 = (ns: NetNamespace, address: Words, dev: Device | undefined): boolean =>
  hasAddress6(ns, address, isLinkLocal(address) || isLoopback6(address) ? dev : undefined)
