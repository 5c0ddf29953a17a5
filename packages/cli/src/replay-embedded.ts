import {
  ALL_CAPABILITIES,
  CAP_NET_ADMIN,
  Kernel,
  type NetlinkSocket,
  type NetNamespace,
  NO_CAPABILITIES,
  openDoors,
  simulatedWorld,
  without,
} from '@netkit/kernel'
import {
  beginMessage,
  Data,
  decodeAttrs,
  endMessage,
  GENL_HEADER,
  GENL_ID_CTRL,
  NETLINK_GENERIC,
  NETLINK_ROUTE,
  NLCTRL,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NLMSG_HDRLEN,
  NLMSG_MIN_TYPE,
  RTNLGRP_LINK,
  RTNLGRP_NSID,
  refused,
  splitMessages,
  Writer,
} from '@netkit/netlink'
import type {
  ReplayKernel,
  ReplayMonitor,
  ReplaySocket,
  ReplaySocketOptions,
  Requester,
} from './commands/replay-kernel.ts'

/** Longer than the kernel may put off a change of carrier. */
const QUIET_NS = 2_000_000_000n
const NOBODY_UID = 65_534
/** Port ids that no recording uses. */
const MONITOR_PORT = 0x7f00_0000
const PLAIN_FILE = 90
const MOUNT_NAMESPACE = 91
const GROUPS: readonly (readonly [family: string, group: string])[] = [
  ['netdev', 'mgmt'],
  ['netdev', 'page-pool'],
  ['ethtool', 'monitor'],
]

interface Place {
  readonly ns: NetNamespace
  readonly fd: number
  readonly owned: boolean
}

/** An embedded kernel of its own, in which time passes only between steps, so that every replay is the same. */
export async function embeddedReplay(): Promise<ReplayKernel> {
  const world = simulatedWorld()
  const kernel = new Kernel({ world })
  const requester = kernel.createProcess()
  requester.files.set(PLAIN_FILE, { type: 'other', what: 'a file' })
  requester.files.set(MOUNT_NAMESPACE, { type: 'other', what: 'a mount namespace' })
  const doors = openDoors(kernel, requester)
  const { families, groups } = controller(
    kernel.openSocket({ protocol: NETLINK_GENERIC, ns: kernel.initialNs, process: requester }),
  )
  const places = new Map<string, Place>()
  const nics = new Set<number>()
  let ports = MONITOR_PORT

  const place = (ns: string): Place => {
    const found = places.get(ns)
    if (!found) throw refused(`use namespace ${ns}`, 'ENOENT', 'the recording has not made it')
    return found
  }
  const hardware = () => {
    if (!doors.hardware) throw refused('plug in a NIC', 'EOPNOTSUPP', 'this kernel has no NICs')
    return doors.hardware
  }
  const credentials = (as: Requester | 'owner' | undefined, { ns }: Place) => {
    const root = { uid: 0, userNs: kernel.initialUserNs, capabilities: ALL_CAPABILITIES }
    if (as === 'owner') return { ...root, userNs: ns.userNs }
    if (as === 'user' || as === 'send-user') return { ...root, uid: NOBODY_UID, capabilities: NO_CAPABILITIES }
    if (as === 'nocap' || as === 'send-nocap')
      return { ...root, capabilities: without(ALL_CAPABILITIES, CAP_NET_ADMIN) }
    return root
  }

  const socket = (ns: string, o: ReplaySocketOptions): ReplaySocket => {
    const at = place(ns)
    const sender = credentials(at.owned ? 'owner' : o.as, at)
    const opener = o.as?.startsWith('send-') ? kernel.root : sender
    const { protocol, portId, extAck, capAck, strict } = o
    const s = kernel.openSocket({ protocol, portId, extAck, capAck, strict, ns: at.ns, process: requester, opener })
    return { send: (datagram) => -s.send(datagram, sender) || 0, drain: () => drain(s), close: () => s.close() }
  }

  const monitor = (ns: string): ReplayMonitor[] => {
    const at = place(ns)
    return [NETLINK_ROUTE, NETLINK_GENERIC].map((protocol) => {
      const s = kernel.openSocket({ protocol, ns: at.ns, process: requester, portId: ports++ })
      const joined =
        protocol === NETLINK_ROUTE ? [RTNLGRP_LINK, RTNLGRP_NSID] : GROUPS.map(([f, g]) => groups.get(`${f}/${g}`))
      for (const group of joined) if (group !== undefined) s.join(group)
      return { protocol, drain: () => drain(s), close: () => s.close() }
    })
  }

  return {
    families,
    async namespaceAdd(ns, fd, owned) {
      const userNs = owned ? { parent: kernel.initialUserNs, ownerUid: NOBODY_UID } : kernel.initialUserNs
      const made = kernel.createNamespace(userNs)
      requester.openNamespace(made, fd)
      places.set(ns, { ns: made, fd, owned })
    },
    async namespaceRemove(ns) {
      const { ns: gone, fd } = place(ns)
      places.delete(ns)
      for (const process of [...kernel.processes.values()]) if (process.netns === gone) kernel.endProcess(process)
      requester.closeFile(fd)
      kernel.settle()
    },
    async process(ns, pid) {
      kernel.createProcess({ pid, ns: place(ns).ns })
    },
    async nicAdd(ns, id, queues) {
      const { ns: target, fd } = place(ns)
      const namespace = {
        fd,
        inode: target.inode,
        close: async () => undefined,
        [Symbol.asyncDispose]: async () => undefined,
      }
      const { ifindex, name } = await hardware().addNic({ model: 'netdevsim', id, queues, namespace })
      nics.add(id)
      return { ifindex, ifname: name }
    },
    async nicRemove(id) {
      await hardware().removeNic(id)
      nics.delete(id)
    },
    socket: async (ns, o) => socket(ns, o),
    monitor: async (ns) => monitor(ns),
    async settle() {
      world.advance(QUIET_NS)
      kernel.afterRequest()
    },
    async close() {
      for (const id of nics) await hardware().removeNic(id)
      await doors.close()
    },
  }
}

function drain(socket: NetlinkSocket): Uint8Array[] {
  const datagrams: Uint8Array[] = []
  for (let item = socket.receive(); item; item = socket.receive()) datagrams.push(item.bytes)
  return datagrams
}

/** Asks the controller for the ids of all families and of their multicast groups. Closes the socket. */
function controller(socket: NetlinkSocket): { families: Map<string, number>; groups: Map<string, number> } {
  const families = new Map([[NLCTRL.name, GENL_ID_CTRL]])
  const groups = new Map<string, number>()
  const w = new Writer()
  const mark = beginMessage(w, GENL_ID_CTRL, NLM_F_REQUEST | NLM_F_DUMP, 1, 0)
  GENL_HEADER.encode({ cmd: NLCTRL.commands.getfamily.id, version: NLCTRL.version }, w)
  endMessage(w, mark)
  socket.send(w.take())
  for (const { header, data, start, end } of drain(socket).flatMap(splitMessages)) {
    if (header.type < NLMSG_MIN_TYPE) continue
    const attrs = decodeAttrs(
      NLCTRL.commands.newfamily.attrs,
      new Data(data.bytes),
      start + NLMSG_HDRLEN + GENL_HEADER.size,
      end,
    )
    if (attrs.familyName === undefined || attrs.familyId === undefined) continue
    families.set(attrs.familyName, attrs.familyId)
    for (const { name, id } of attrs.mcastGroups ?? [])
      if (name !== undefined && id !== undefined) groups.set(`${attrs.familyName}/${name}`, id)
  }
  socket.close()
  return { families, groups }
}
