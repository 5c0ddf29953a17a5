import {
  type Datagram,
  decodeAttrs,
  ETHTOOL,
  type EthtoolHeader,
  type FamilyById,
  type GenlCommand,
  type GenlFamily,
  type Message,
  messageBytes,
  NETDEV,
  NETLINK_ROUTE,
  NSID,
  NSID_HEADER,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELNSID,
  RTM_DELROUTE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNSID,
  RTM_NEWROUTE,
  splitMessages,
} from '@netkit/netlink'
import { decodeLink } from '../devices/decode.ts'
import type { Devices } from '../devices/devices.ts'
import { decodeAddress } from '../ip/addresses.ts'
import { decodeRoute } from '../ip/routes.ts'
import type { PagePool } from '../netdev/page-pools.ts'
import type { XdpFeatures } from '../netdev/xdp.ts'
import { genericAttrs } from '../request/message.ts'
import type { DevEvent, EventOrigin, KernelEvent, MessageOrigin, PagePoolEvent } from './event.ts'

/** What is needed to understand messages: who makes devices of them, and which family has which id. */
export interface Reader {
  readonly devices: Devices
  readonly families: FamilyById
  readonly protocol: number
  readonly namespace: EventOrigin['namespace']
}

const ALL_FLAGS = 0xffff_ffff

const DEV_EVENTS = new Map<GenlCommand, DevEvent['type']>([
  [NETDEV.commands.devAddNtf, 'dev-add'],
  [NETDEV.commands.devDelNtf, 'dev-del'],
  [NETDEV.commands.devChangeNtf, 'dev-change'],
])
const POOL_EVENTS = new Map<GenlCommand, PagePoolEvent['type']>([
  [NETDEV.commands.pagePoolAddNtf, 'page-pool-add'],
  [NETDEV.commands.pagePoolDelNtf, 'page-pool-del'],
  [NETDEV.commands.pagePoolChangeNtf, 'page-pool-change'],
])

/** The events in a datagram. Never throws: what cannot be read is an event too. */
export function eventsIn(datagram: Datagram, reader: Reader): KernelEvent[] {
  const { protocol, namespace } = reader
  const where = { namespace, netnsid: datagram.nsid }
  let messages: readonly Message[]
  try {
    messages = splitMessages(datagram.bytes)
  } catch (error) {
    return [{ type: 'unknown', ...where, portId: 0, seq: 0, bytes: datagram.bytes, protocol, error }]
  }
  return messages.map((message) => {
    const { portId, seq } = message.header
    const origin = { ...where, portId, seq, bytes: messageBytes(message) }
    try {
      const event =
        protocol === NETLINK_ROUTE ? routeEvent(message, origin, reader) : genericEvent(message, origin, reader)
      return event ?? { type: 'unknown', ...origin, protocol, error: undefined }
    } catch (error) {
      return { type: 'unknown', ...origin, protocol, error }
    }
  })
}

function routeEvent(message: Message, origin: MessageOrigin, { devices, namespace }: Reader): KernelEvent | undefined {
  const { type } = message.header
  if (type === RTM_NEWLINK || type === RTM_DELLINK) {
    const link = decodeLink({ ...message, type })
    const device = devices.make(link, namespace)
    const { change } = link
    if (type === RTM_NEWLINK) return { type: 'newlink', ...origin, device, created: change === ALL_FLAGS, change }
    const { newNetnsid: netnsid, newIfindex: ifindex } = link.attrs
    const movedTo = netnsid === undefined ? undefined : { netnsid, ifindex: ifindex ?? link.ifindex }
    return { type: 'dellink', ...origin, device, movedTo }
  }
  if (type === RTM_NEWNSID || type === RTM_DELNSID) {
    const { nsid = -1 } = decodeAttrs(NSID, message.data, message.start + 16 + NSID_HEADER.size, message.end)
    return { type: type === RTM_NEWNSID ? 'newnsid' : 'delnsid', ...origin, nsid }
  }
  if (type === RTM_NEWADDR || type === RTM_DELADDR) {
    const address = decodeAddress({ ...message, type })
    return { type: type === RTM_NEWADDR ? 'newaddr' : 'deladdr', ...origin, address }
  }
  if (type === RTM_NEWROUTE || type === RTM_DELROUTE) {
    const route = decodeRoute({ ...message, type })
    return { type: type === RTM_NEWROUTE ? 'newroute' : 'delroute', ...origin, route }
  }
  return undefined
}

function genericEvent(message: Message, origin: MessageOrigin, { families }: Reader): KernelEvent | undefined {
  const family = families(message.header.type)
  if (!family) return undefined
  const found = commandOf(family, message.data.u8(message.start + 16))
  if (!found) return undefined
  const { name, command } = found
  const attrs = genericAttrs(command.reply ?? command.attrs, { ...message, type: message.header.type })
  const dev = DEV_EVENTS.get(command)
  if (dev) return { type: dev, ...origin, features: attrs as XdpFeatures }
  const pool = POOL_EVENTS.get(command)
  if (pool) return { type: pool, ...origin, pool: attrs as PagePool }
  if (family.name !== ETHTOOL.name) return undefined
  return { type: 'ethtool', ...origin, what: name.replace(/Ntf$/, ''), settings: attrs as { header?: EthtoolHeader } }
}

function commandOf(family: GenlFamily, id: number): { name: string; command: GenlCommand } | undefined {
  for (const [name, command] of Object.entries(family.commands))
    if (command.event && command.id === id) return { name, command }
  return undefined
}
