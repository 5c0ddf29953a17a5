import { ETHTOOL, type FamilyById, NETDEV, NETLINK_GENERIC, NETLINK_ROUTE, toHex } from '@netkit/netlink'
import type { AddressEvent, KernelEvent } from 'netkit'
import { Entry } from '../../print/entry.ts'
import { addAddresses } from '../../print/ip/address.ts'
import { routeEntry } from '../../print/ip/route.ts'
import type { Json } from '../../print/json.ts'
import { linkEntry } from '../../print/link/show.ts'
import type { LinkView } from '../../print/link/view.ts'
import { messageText } from '../../print/message/text.ts'
import { dashed } from '../snake.ts'

/** What an event is printed from, besides itself. */
export interface EventView {
  readonly link: LinkView
  readonly families: FamilyById
  namespace(nsid: number): string | undefined
}

const listText = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .filter(([key, value]) => key !== 'header' && key !== 'rest' && value !== undefined)
    .map(([key, value]) => `${dashed(key)} ${plain(value)}`)
    .join(' ')

const plain = (value: unknown): string => {
  if (Array.isArray(value)) return value.length > 0 ? value.join('|') : '0'
  if (value instanceof Uint8Array) return toHex(value)
  return typeof value === 'object' && value !== null
    ? `{ ${listText(value as Record<string, unknown>)} }`
    : String(value)
}

const asJson = (value: unknown): Json => {
  if (value instanceof Uint8Array) return toHex(value)
  if (Array.isArray(value)) return value.map(asJson)
  if (typeof value !== 'object' || value === null) return value as Json
  const members = Object.entries(value).filter(([key, v]) => key !== 'rest' && v !== undefined)
  return Object.fromEntries(members.map(([key, v]) => [dashed(key), asJson(v)]))
}

/** An event as text and as JSON. Links and namespace ids are written as `ip monitor` writes them. */
export function eventEntry(event: KernelEvent, view: EventView): Entry {
  const entry = new Entry().only('event', event.type)
  if (event.netnsid !== undefined) entry.add('netnsid', event.netnsid, `[nsid ${event.netnsid}]`)
  const name = (ifindex: number | undefined): string =>
    ifindex === undefined ? '' : (view.link.link(ifindex)?.name ?? `if${ifindex}`)
  switch (event.type) {
    case 'newlink':
    case 'dellink': {
      const moved = event.type === 'dellink' ? event.movedTo : undefined
      const link = linkEntry(event.device, view.link)
      entry.add('link', link.json, `${event.type === 'dellink' ? 'Deleted ' : ''}${link.text()}`)
      if (moved)
        entry.add(
          'moved_to',
          { netnsid: moved.netnsid, ifindex: moved.ifindex },
          `\n    moved to nsid ${moved.netnsid} as ifindex ${moved.ifindex}`,
        )
      return entry
    }
    case 'newnsid':
    case 'delnsid': {
      const known = view.namespace(event.nsid)
      const text = `${event.type === 'delnsid' ? 'Deleted ' : ''}nsid ${event.nsid}${known === undefined ? '' : ` (iproute2 netns name: ${known})`}`
      return entry.add('nsid', event.nsid, text)
    }
    case 'newaddr':
    case 'deladdr':
      return addressEntry(entry, event, name(event.address.ifindex), view)
    case 'newroute':
    case 'delroute': {
      const route = routeEntry(event.route, { style: view.link.style, details: false, device: name })
      return entry.add('route', route.json, `${event.type === 'delroute' ? 'Deleted ' : ''}${route.text()}`)
    }
    case 'dev-add':
    case 'dev-del':
    case 'dev-change': {
      const { ifindex, ...features } = event.features
      return entry.add('dev', asJson(event.features), `${event.type} ${name(ifindex)}: ${listText(features)}`)
    }
    case 'page-pool-add':
    case 'page-pool-del':
    case 'page-pool-change': {
      const { ifindex, ...pool } = event.pool
      return entry.add('pool', asJson(event.pool), `${event.type} ${name(ifindex)}: ${listText(pool)}`)
    }
    case 'ethtool': {
      const dev = event.settings.header?.devName ?? name(event.settings.header?.devIndex)
      return entry.add(event.what, asJson(event.settings), `${dashed(event.what)} ${dev}: ${listText(event.settings)}`)
    }
    case 'lost':
      return entry.say('some messages were lost, because they were not read quickly enough')
    case 'unknown':
      return entry.add('bytes', toHex(event.bytes), `unknown message: ${toHex(event.bytes)}`)
  }
}

function addressEntry(entry: Entry, event: AddressEvent, dev: string, { link }: EventView): Entry {
  const list = new Entry()
  addAddresses(list, [event.address], link.style)
  const text = list.text().trim()
  return entry
    .only('dev', dev)
    .add('address', list.json.addr_info, `${event.type === 'deladdr' ? 'Deleted ' : ''}${dev} ${text}`)
}

const GENERIC = /^(dev|page-pool)-|^ethtool$/

/** The message behind an event, whole. */
export function eventMessage(event: KernelEvent, view: EventView): string {
  if (event.type === 'lost') return ''
  const generic = event.type === 'unknown' ? event.protocol === NETLINK_GENERIC : GENERIC.test(event.type)
  const protocol = generic ? NETLINK_GENERIC : NETLINK_ROUTE
  return messageText(event.bytes, { protocol, families: view.families, fromKernel: true }, view.link.style)
}

/** The families whose messages are listened to, by their ids. */
export const MONITORED = [NETDEV, ETHTOOL] as const
