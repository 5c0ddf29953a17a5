import { NETLINK_GENERIC, NETLINK_ROUTE } from '../uapi/netlink.ts'
import type { FamilyById } from './registry.ts'

const RTM_BASE = 16
/** Rtnetlink numbers its messages in fours: new, del, get, set. */
const GET = 2

/**
 * Whether a request only asks. What is not known for sure to do no more than that counts as a change. `command`: the first
 * byte of a generic message's payload.
 */
export function onlyReads(protocol: number, type: number, command: number, families: FamilyById): boolean {
  if (protocol === NETLINK_ROUTE) return type >= RTM_BASE && ((type - RTM_BASE) & 3) === GET
  if (protocol !== NETLINK_GENERIC) return false
  const commands = Object.values(families(type)?.commands ?? {})
  return commands.some((c) => c.id === command && !c.event && c.reads === true)
}
