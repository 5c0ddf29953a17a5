/** Which part of an entry a device is. */
export type Role = 'nic' | 'single' | 'primary' | 'peer'

/** What a device's mark says: the set that owns it, and which entry of the set's document it is. */
export interface Mark {
  readonly set: string
  readonly id: string
  readonly peer: boolean
}

export const DEFAULT_SET = 'default'

const PEER_PREFIX = 'netkit-peer.'
const NAMESPACE_PREFIX = 'netkit-netns.'
const PREFIX = 'netkit.'

/**
 * The mark of ownership is an alternative name: it survives renames and moves, everyone sees it, and the kernel lets each be
 * there once in a namespace. The longest has 12 + 32 + 1 + 64 bytes; there is room for 127.
 */
export const markOf = (set: string, id: string, role: Role): string =>
  `${role === 'peer' ? PEER_PREFIX : PREFIX}${set}.${id}`

/** The mark of a namespace, on its loopback device. */
export const namespaceMark = (set: string): string => `${NAMESPACE_PREFIX}${set}`

/** Whether an alternative name is a mark. */
export const isMark = (altname: string): boolean => /^netkit(-peer|-netns)?\./.test(altname)

/** Reads the mark among the alternative names of a device. */
export function markIn(altnames: readonly string[]): Mark | undefined {
  for (const altname of altnames) {
    const found = /^netkit(-peer)?\.([a-z0-9-]+)\.(.+)$/.exec(altname)
    if (found) return { set: found[2], id: found[3], peer: found[1] !== undefined }
  }
  return undefined
}

/** The set that owns the namespace of a loopback device with these alternative names. */
export const namespaceOwner = (altnames: readonly string[]): string | undefined =>
  altnames.find((altname) => altname.startsWith(NAMESPACE_PREFIX))?.slice(NAMESPACE_PREFIX.length)

const LOW_30_BITS = 0x3fff_ffff
const BIT_30 = 0x4000_0000

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x0100_0193)
  return hash >>> 0
}

/**
 * The group that a netkit device is born with. Alternative names cannot be given at birth, the group can: a device that was
 * made by a run that did not live to mark it is known by it. It is above 2^30, so that it is no number that people use.
 */
export const birthGroup = (set: string, id: string, role: Role): number =>
  ((hashOf(markOf(set, id, role)) & LOW_30_BITS) | BIT_30) >>> 0

/** Numbers of RTPROT_*, 100 to 182, that nothing known to iproute2 or FRR has. */
const FIRST_PROTOCOL = 100
const PROTOCOLS = 83

/**
 * The number that a set's routes, rules, addresses and neighbours bear (rtm_protocol, FRA_PROTOCOL, IFA_PROTO, NDA_PROTOCOL):
 * there is room for a byte, not for a name. Two sets with one number in one kernel are refused.
 */
export const protocolOf = (set: string): number => FIRST_PROTOCOL + (hashOf(set) % PROTOCOLS)

/** Whether some set bears such a number. */
export const isSetProtocol = (protocol: string | number): boolean =>
  typeof protocol === 'number' && protocol >= FIRST_PROTOCOL && protocol < FIRST_PROTOCOL + PROTOCOLS

/** The hardware address that a NIC is plugged in with, and known by until it is marked: 02:6e:6b (`nk`) and three bytes. */
export function birthAddress(set: string, id: string): string {
  const hash = hashOf(markOf(set, id, 'nic'))
  const bytes = [0x02, 0x6e, 0x6b, hash & 255, (hash >>> 8) & 255, (hash >>> 16) & 255]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}
