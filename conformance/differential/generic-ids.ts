/** What scenarios call generic netlink families by: their ids depend on the order in which a kernel got them. */
export const FAMILY_NUMBERS = { netdev: 0x7d01, ethtool: 0x7d02 } as const
export type FamilyName = keyof typeof FAMILY_NUMBERS

/** Groups that are listened to. */
export const GENERIC_GROUPS: readonly (readonly [family: FamilyName, group: string])[] = [
  ['netdev', 'mgmt'],
  ['netdev', 'page-pool'],
  ['ethtool', 'monitor'],
]

const HEADER = 16
const TYPE = 4
const NLMSG_ERROR = 2
/** Where an acknowledgement quotes the type of the request. */
const QUOTED_TYPE = 24

/** Puts ids in the place of numbers, or the other way round, in all messages of a datagram. */
export function renameTypes(datagram: Uint8Array, names: ReadonlyMap<number, number>): Uint8Array {
  const bytes = datagram.slice()
  const view = new DataView(bytes.buffer)
  const rename = (at: number): void => {
    const type = view.getUint16(at, true)
    view.setUint16(at, names.get(type) ?? type, true)
  }
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = view.getUint32(at, true)
    if (view.getUint16(at + TYPE, true) === NLMSG_ERROR && length >= 36) rename(at + QUOTED_TYPE)
    rename(at + TYPE)
    if (length < HEADER) break
    at += (length + 3) & ~3
  }
  return bytes
}
