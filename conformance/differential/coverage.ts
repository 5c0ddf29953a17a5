import {
  type AnyTable,
  ETHTOOL,
  type GenlCommand,
  LINK,
  LINKINFO,
  NETDEV,
  NETKIT,
  NLCTRL,
  NLMSG_HDRLEN,
  NSID,
  RTM_DELLINK,
  RTM_DELLINKPROP,
  RTM_DELNSID,
  RTM_GETLINK,
  RTM_GETNSID,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
  RTM_NEWNSID,
  RTM_SETLINK,
} from '@netkit/netlink'
import { FAMILY_NUMBERS } from './generic-ids.ts'
import { attributes } from './normalise.ts'
import type { Protocol } from './scenario.ts'

/** Which commands and attributes requests are about, by their uapi names. */

const LINK_HEAD = 32
const NSID_HEAD = 20
const GENERIC_HEAD = 20
const GENL_ID_CTRL = 16

interface RouteType {
  readonly name: string
  readonly head: number
  readonly attrs: AnyTable
}

const ofLinks = (name: string): RouteType => ({ name, head: LINK_HEAD, attrs: LINK })
const ofNsids = (name: string): RouteType => ({ name, head: NSID_HEAD, attrs: NSID })

const ROUTE: Readonly<Record<number, RouteType>> = {
  [RTM_NEWLINK]: ofLinks('RTM_NEWLINK'),
  [RTM_DELLINK]: ofLinks('RTM_DELLINK'),
  [RTM_GETLINK]: ofLinks('RTM_GETLINK'),
  [RTM_SETLINK]: ofLinks('RTM_SETLINK'),
  [RTM_NEWLINKPROP]: ofLinks('RTM_NEWLINKPROP'),
  [RTM_DELLINKPROP]: ofLinks('RTM_DELLINKPROP'),
  [RTM_NEWNSID]: ofNsids('RTM_NEWNSID'),
  [RTM_DELNSID]: ofNsids('RTM_DELNSID'),
  [RTM_GETNSID]: ofNsids('RTM_GETNSID'),
}

const byNumber = (commands: Readonly<Record<string, GenlCommand>>): Map<number, GenlCommand> =>
  new Map(
    Object.values(commands)
      .filter((c) => !c.event)
      .map((c) => [c.id, c]),
  )

const GENERIC: Readonly<Record<number, Map<number, GenlCommand>>> = {
  [GENL_ID_CTRL]: byNumber(NLCTRL.commands),
  [FAMILY_NUMBERS.netdev]: byNumber(NETDEV.commands),
  [FAMILY_NUMBERS.ethtool]: byNumber(ETHTOOL.commands),
}

const u16 = (hex: string, at: number): number => Number.parseInt(hex.slice(at + 2, at + 4) + hex.slice(at, at + 2), 16)

/** The messages of a datagram, in hex. */
function* messages(datagram: string): Generator<string> {
  for (let at = 0; at + 2 * NLMSG_HDRLEN <= datagram.length; ) {
    const length = u16(datagram, at) + 0x1_0000 * u16(datagram, at + 4)
    if (length < NLMSG_HDRLEN) return
    yield datagram.slice(at, at + 2 * length)
    at += 2 * ((length + 3) & ~3)
  }
}

function* named(hex: string, from: number, to: number, table: AnyTable): Generator<string> {
  for (const { id } of attributes(hex, from, to)) {
    const row = table.byId[id]
    if (row) yield row.c
  }
}

/** What a kind has of its own: of netkit, whatever the kind is said to be. */
function* ofKind(hex: string, at: number): Generator<string> {
  for (const info of attributes(hex, at, hex.length)) {
    if (info.id !== LINK.ids.linkinfo) continue
    for (const data of attributes(hex, info.from, info.to))
      if (data.id === LINKINFO.ids.data) yield* named(hex, data.from, data.to, NETKIT)
  }
}

/** What a datagram of requests is about. */
export interface Subjects {
  readonly commands: readonly string[]
  readonly attributes: readonly string[]
}

export function subjectsOf(datagram: string, proto: Protocol): Subjects {
  const commands: string[] = []
  const found: string[] = []
  for (const hex of messages(datagram)) {
    const type = u16(hex, 8)
    if (proto === 'generic') {
      const command = GENERIC[type]?.get(Number.parseInt(hex.slice(32, 34), 16))
      if (!command) continue
      commands.push(command.c)
      found.push(...named(hex, 2 * GENERIC_HEAD, hex.length, command.attrs))
    } else {
      const route = ROUTE[type]
      if (!route) continue
      commands.push(route.name)
      found.push(...named(hex, 2 * route.head, hex.length, route.attrs))
      if (route.attrs === LINK) found.push(...ofKind(hex, 2 * route.head))
    }
  }
  return { commands, attributes: found }
}

/** Of a command or attribute: requests that were compared, and those that were answered differently. */
export type Count = [compared: number, differing: number]

/** Counts what requests were about. */
export class Coverage {
  readonly commands = new Map<string, Count>()
  readonly attributes = new Map<string, Count>()

  add(datagram: string, proto: Protocol, differs: boolean): void {
    const { commands, attributes: found } = subjectsOf(datagram, proto)
    for (const name of new Set(commands)) count(this.commands, name, differs)
    for (const name of new Set(found)) count(this.attributes, name, differs)
  }
}

function count(counts: Map<string, Count>, name: string, differs: boolean): void {
  const [compared, differing] = counts.get(name) ?? [0, 0]
  counts.set(name, [compared + 1, differing + (differs ? 1 : 0)])
}
