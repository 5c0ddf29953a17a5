import { ARPHRD_ETHER, ARPHRD_LOOPBACK, OPERSTATE } from '@netkit/netlink'
import type { Entry } from '../entry.ts'
import { printable } from '../printable.ts'
import type { Style } from '../style.ts'
import type { LinkMessage, LinkView } from './view.ts'

/** The name of a link, with what it is connected to behind `@`, as `ip` writes it. */
export function nameEntry(entry: Entry, { attrs }: LinkMessage, view: LinkView): string {
  const name = attrs.ifname ?? '<nil>'
  const said = printable(name)
  const { link, linkNetnsid } = attrs
  if (link === undefined) {
    entry.only('ifname', name)
    return said
  }
  let other: string
  if (linkNetnsid !== undefined) {
    entry.only('link_index', link)
    other = `if${link}`
  } else if (link === 0) {
    entry.only('link', null)
    other = 'NONE'
  } else {
    other = view.link(link)?.name ?? `if${link}`
    entry.only('link', other)
  }
  entry.only('ifname', name)
  return `${said}@${printable(other)}`
}

const OPERSTATE_NAMES = new Map<string, string>(Object.keys(OPERSTATE).map((name) => [name, name.toUpperCase()]))

export const operstateName = (state: string | number | undefined): string => {
  if (state === undefined) return 'UNKNOWN'
  return typeof state === 'number' ? `0x${state.toString(16)}` : (OPERSTATE_NAMES.get(state) ?? state)
}

export const operstateStyle = (style: Style, state: string): ((text: string) => string) =>
  state === 'UP' ? style.up : state === 'DOWN' ? style.down : (text) => text

const TYPES = new Map([
  [ARPHRD_ETHER, 'ether'],
  [ARPHRD_LOOPBACK, 'loopback'],
])

export const linkType = (type: number): string => TYPES.get(type) ?? `[${type}]`

/** Groups by name: iproute2 knows one, number 0. */
export const groupName = (group: number): string => (group === 0 ? 'default' : String(group))
