import {
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_BROADCAST,
  IFF_DEBUG,
  IFF_DORMANT,
  IFF_DYNAMIC,
  IFF_ECHO,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_MASTER,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_POINTOPOINT,
  IFF_PORTSEL,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_SLAVE,
  IFF_UP,
} from '@netkit/netlink'
import type { LinkMessage, LinkView } from './view.ts'

/** In the order in which `ip` prints them. */
const FLAGS: readonly (readonly [number, string])[] = [
  [IFF_LOOPBACK, 'LOOPBACK'],
  [IFF_BROADCAST, 'BROADCAST'],
  [IFF_POINTOPOINT, 'POINTOPOINT'],
  [IFF_MULTICAST, 'MULTICAST'],
  [IFF_NOARP, 'NOARP'],
  [IFF_ALLMULTI, 'ALLMULTI'],
  [IFF_PROMISC, 'PROMISC'],
  [IFF_MASTER, 'MASTER'],
  [IFF_SLAVE, 'SLAVE'],
  [IFF_DEBUG, 'DEBUG'],
  [IFF_DYNAMIC, 'DYNAMIC'],
  [IFF_AUTOMEDIA, 'AUTOMEDIA'],
  [IFF_PORTSEL, 'PORTSEL'],
  [IFF_NOTRAILERS, 'NOTRAILERS'],
  [IFF_UP, 'UP'],
  [IFF_LOWER_UP, 'LOWER_UP'],
  [IFF_DORMANT, 'DORMANT'],
  [IFF_ECHO, 'ECHO'],
]

/** Names of the flags that are set. RUNNING is not named: without it an up device has NO-CARRIER. Unnamed bits in hex. */
export function flagNames(flags: number): string[] {
  const names = (flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) === 0 ? ['NO-CARRIER'] : []
  let rest = flags & ~IFF_RUNNING
  for (const [bit, name] of FLAGS) {
    if ((rest & bit) === 0) continue
    names.push(name)
    rest &= ~bit
  }
  if (rest !== 0) names.push((rest >>> 0).toString(16))
  return names
}

/** The flags of a link, with M-DOWN if the device that it stands on or its peer is in the same namespace and down. */
export function linkFlags({ flags, attrs }: LinkMessage, view: LinkView): string[] {
  const names = flagNames(flags)
  if (attrs.link && attrs.linkNetnsid === undefined) {
    const other = view.link(attrs.link)
    if (!other || (other.flags & IFF_UP) === 0) names.push('M-DOWN')
  }
  return names
}
