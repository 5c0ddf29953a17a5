import type { AnyTable } from '../attr/table.ts'
import { NETLINK_GENERIC, NETLINK_ROUTE } from '../uapi/netlink.ts'
import type { GenlFamily, RouteMessage } from './family.ts'
import { GENL_HEADER } from './genl-header.ts'
import { RT_ADDR } from './rt-addr/messages.ts'
import { RT_LINK } from './rt-link/messages.ts'
import { RT_NEIGH } from './rt-neigh/messages.ts'
import { RT_NSID } from './rt-nsid/messages.ts'
import { RT_ROUTE } from './rt-route/messages.ts'
import { RT_RULE } from './rt-rule/messages.ts'

/** Rtnetlink messages by their type. */
export const ROUTE_MESSAGES: ReadonlyMap<number, RouteMessage> = new Map(
  [RT_LINK, RT_NSID, RT_ADDR, RT_ROUTE, RT_RULE, RT_NEIGH]
    .flatMap((family) => Object.values(family))
    .map((m) => [m.type, m]),
)

/** What a message type means to whoever reads it: which families have which ids on the kernel that is talked to. */
export type FamilyById = (id: number) => GenlFamily | undefined

/** How the payload of a message is laid out. */
export interface Layout {
  readonly c: string
  readonly headerSize: number
  readonly attrs: AnyTable
}

/**
 * The layout of a message, if it is known. `command` is the first byte of a generic message's payload. A message from the
 * kernel (a reply or a notification) may be numbered and laid out unlike the request of the same command.
 */
export function layoutOf(
  protocol: number,
  type: number,
  command: number,
  families: FamilyById,
  fromKernel = false,
): Layout | undefined {
  if (protocol === NETLINK_ROUTE) {
    const m = ROUTE_MESSAGES.get(type)
    return m && { c: m.c, headerSize: m.header.size, attrs: m.attrs }
  }
  if (protocol !== NETLINK_GENERIC) return undefined
  const family = families(type)
  if (!family) return undefined
  for (const c of Object.values(family.commands)) {
    if (fromKernel) {
      if ((c.replyId ?? c.id) === command) return { c: c.c, headerSize: GENL_HEADER.size, attrs: c.reply ?? c.attrs }
    } else if (c.id === command && !c.event) return { c: c.c, headerSize: GENL_HEADER.size, attrs: c.attrs }
  }
  return undefined
}
