import type { Kernel, NetlinkSocket, NetNamespace, Process } from '@netkit/kernel'
import {
  type GenlCommand,
  NETDEV,
  NETDEV_DEV,
  NETDEV_PAGE_POOL,
  NETDEV_QUEUE,
  NETLINK_GENERIC,
  NETLINK_ROUTE,
  type NetdevQueue,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NSID,
  RT_LINK,
  RT_NSID,
  RTM_DELLINK,
  RTM_DELNSID,
  RTM_NEWLINK,
  RTM_NEWNSID,
  RTNLGRP_LINK,
  RTNLGRP_NSID,
  splitMessages,
  toHex,
} from '@netkit/netlink'
import { genericMessage, routeMessage } from '@netkit/netlink/testing'
import { ask, attrsOf, drain, type Link, linkOf } from './ask.ts'

const UNLIMITED = 1 << 30

/** What someone knows of a namespace who was told what was there first, and only listened since. */
export interface Heard {
  readonly links: Map<number, Link>
  readonly nsids: Set<number>
  /** Ifindexes, by what the netdev family announced. */
  readonly devices: Set<number>
  readonly pools: Set<number>
}

/** A namespace of the machine, with the sockets through which it is looked at. */
export class Place {
  readonly label: string
  readonly ns: NetNamespace
  /** Descriptor of every client for it. */
  readonly fd: number
  readonly heard: Heard
  readonly netdevId: number
  readonly #route: NetlinkSocket
  readonly #generic: NetlinkSocket
  readonly #monitors: readonly NetlinkSocket[]
  /** Hears other namespaces, too. */
  readonly #everywhere: NetlinkSocket

  constructor(kernel: Kernel, root: Process, label: string, ns: NetNamespace, fd: number) {
    this.label = label
    this.ns = ns
    this.fd = fd
    const open = (protocol: number) =>
      kernel.openSocket({ protocol, ns, process: root, extAck: true, receiveBuffer: UNLIMITED })
    this.#route = open(NETLINK_ROUTE)
    this.#generic = open(NETLINK_GENERIC)
    this.#monitors = [open(NETLINK_ROUTE), open(NETLINK_GENERIC)]
    this.#everywhere = open(NETLINK_ROUTE)
    kernel.setListenAllNsid(this.#everywhere, true)
    for (const group of [RTNLGRP_LINK, RTNLGRP_NSID]) this.#everywhere.join(group)
    // Resolving ids through nlctrl is tested elsewhere.
    this.netdevId = kernel.genl.familyId('netdev') ?? 0
    const [route, generic] = this.#monitors
    for (const group of [RTNLGRP_LINK, RTNLGRP_NSID]) route.join(group)
    for (const group of ['mgmt', 'page-pool']) generic.join(kernel.genl.groupId('netdev', group) ?? 0)
    this.heard = {
      links: new Map(this.links().map((link) => [link.header.ifindex, link])),
      nsids: new Set(this.nsids()),
      devices: new Set(this.devices()),
      pools: new Set(this.pools()),
    }
  }

  get sockets(): readonly NetlinkSocket[] {
    return [this.#route, this.#generic, ...this.#monitors, this.#everywhere]
  }

  close(): void {
    for (const socket of this.sockets) socket.close()
  }

  /** Takes in what was announced since the last time. */
  listen(): void {
    const { links, nsids, devices, pools } = this.heard
    const [route, generic] = this.#monitors
    for (const { bytes, group, nsid } of drain(this.#everywhere)) {
      const known = nsid === undefined || nsid >= 0
      if (!known || (group !== RTNLGRP_LINK && group !== RTNLGRP_NSID) || bytes.length < 20) {
        throw new Error(`${this.label}: something of group ${group} from namespace ${nsid}`)
      }
    }
    for (const m of drain(route).flatMap((item) => splitMessages(item.bytes))) {
      const { type } = m.header
      if (type === RTM_NEWLINK || type === RTM_DELLINK) {
        const link = linkOf(m)
        if (type === RTM_NEWLINK) links.set(link.header.ifindex, link)
        else if (!links.delete(link.header.ifindex))
          throw new Error(`${this.label}: a link went that had never come: ${link.ifname}`)
      } else if (type === RTM_NEWNSID || type === RTM_DELNSID) {
        const { nsid = -1 } = attrsOf(m, NSID, 20)
        if (type === RTM_NEWNSID) nsids.add(nsid)
        else if (!nsids.delete(nsid)) throw new Error(`${this.label}: nsid ${nsid} went that had never come`)
      }
    }
    const { devAddNtf, devDelNtf, pagePoolAddNtf, pagePoolDelNtf } = NETDEV.commands
    for (const m of drain(generic).flatMap((item) => splitMessages(item.bytes))) {
      const command = m.data.u8(m.start + 16)
      if (command === devAddNtf.id) devices.add(attrsOf(m, NETDEV_DEV, 20).ifindex ?? 0)
      else if (command === devDelNtf.id) devices.delete(attrsOf(m, NETDEV_DEV, 20).ifindex ?? 0)
      else if (command === pagePoolAddNtf.id) pools.add(attrsOf(m, NETDEV_PAGE_POOL, 20).id ?? 0)
      else if (command === pagePoolDelNtf.id) pools.delete(attrsOf(m, NETDEV_PAGE_POOL, 20).id ?? 0)
    }
  }

  links(): Link[] {
    const { replies } = ask(this.#route, routeMessage(RT_LINK.getlink, {}, {}, { flags: NLM_F_REQUEST | NLM_F_DUMP }))
    return replies.map(linkOf)
  }

  /** The link with a name or an alternative name, by its ifindex; undefined if there is none. */
  find(name: { ifname: string } | { altIfname: string }): number | undefined {
    const { replies } = ask(this.#route, routeMessage(RT_LINK.getlink, {}, name, { flags: NLM_F_REQUEST | NLM_F_ACK }))
    return replies.length === 1 ? linkOf(replies[0]).header.ifindex : undefined
  }

  nsids(): number[] {
    const request = routeMessage(RT_NSID.getnsid, {}, {}, { flags: NLM_F_REQUEST | NLM_F_DUMP })
    return ask(this.#route, request).replies.map((m) => attrsOf(m, NSID, 20).nsid ?? -1)
  }

  /** The id by which this namespace knows another; -1 if it has none. */
  nsidOf(other: Place): number {
    const request = routeMessage(RT_NSID.getnsid, {}, { fd: other.fd }, { flags: NLM_F_REQUEST | NLM_F_ACK })
    const { replies } = ask(this.#route, request)
    return attrsOf(replies[0], NSID, 20).nsid ?? -1
  }

  #dumpNetdev(command: GenlCommand): readonly ReturnType<typeof ask>['replies'][number][] {
    return ask(this.#generic, genericMessage(this.netdevId, command, {}, { flags: NLM_F_REQUEST | NLM_F_DUMP })).replies
  }

  /** Ifindexes of the devices that the netdev family tells of. */
  devices(): number[] {
    return this.#dumpNetdev(NETDEV.commands.devGet).map((m) => attrsOf(m, NETDEV_DEV, 20).ifindex ?? 0)
  }

  /** The queues of devices that are up. */
  queues(): NetdevQueue[] {
    return this.#dumpNetdev(NETDEV.commands.queueGet).map((m) => attrsOf(m, NETDEV_QUEUE, 20))
  }

  pools(): number[] {
    return this.#dumpNetdev(NETDEV.commands.pagePoolGet).map((m) => attrsOf(m, NETDEV_PAGE_POOL, 20).id ?? 0)
  }

  /** All of it as text, for comparing before and after. Sequence numbers and port ids are the same every time. */
  snapshot(): string {
    const dumps = [
      ask(this.#route, routeMessage(RT_LINK.getlink, {}, {}, { flags: NLM_F_REQUEST | NLM_F_DUMP })),
      ask(this.#route, routeMessage(RT_NSID.getnsid, {}, {}, { flags: NLM_F_REQUEST | NLM_F_DUMP })),
    ].flatMap((a) => a.replies)
    for (const command of ['devGet', 'queueGet', 'napiGet', 'pagePoolGet'] as const) {
      dumps.push(...this.#dumpNetdev(NETDEV.commands[command]))
    }
    return dumps.map((m) => toHex(m.data.bytes.subarray(m.start, m.end))).join('\n')
  }
}
