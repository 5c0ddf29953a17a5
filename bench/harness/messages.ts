import {
  beginMessage,
  endMessage,
  GENL_HEADER,
  IFF_UP,
  LINK,
  LINKINFO,
  NETDEV,
  NETDEV_LEASE,
  NETDEV_QUEUE,
  NETDEV_QUEUE_ID,
  NETKIT,
  NETKIT_PAIRING,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLM_F_REQUEST,
  QUEUE_TYPE,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_NEWLINK,
  Writer,
} from '@netkit/netlink'

const w = new Writer(1024)

/** A link message with an empty header. */
function linkMessage(type: number, flags: number, attrs: () => void): Uint8Array {
  const mark = beginMessage(w.reset(), type, NLM_F_REQUEST | flags, 1, 0)
  w.zeros(16)
  attrs()
  endMessage(w, mark)
  return w.take()
}

export interface PairOptions {
  readonly group?: number
  /** Id of the namespace that the peer goes to, as the sender's namespace knows it: a descriptor. */
  readonly peerNsFd?: number
}

/** Creates a netkit pair under two given names. */
export const createPair = (name: string, peer: string, { group = 0, peerNsFd }: PairOptions = {}): Uint8Array =>
  linkMessage(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, () => {
    w.attrString(LINK.ids.ifname, name)
    if (group !== 0) w.attrU32(LINK.ids.group, group)
    const info = w.beginNest(LINK.ids.linkinfo)
    w.attrString(LINKINFO.ids.kind, 'netkit')
    const data = w.beginNest(LINKINFO.ids.data)
    const described = w.begin(NETKIT.ids.peerInfo)
    w.zeros(16)
    w.attrString(LINK.ids.ifname, peer)
    if (group !== 0) w.attrU32(LINK.ids.group, group)
    if (peerNsFd !== undefined) w.attrU32(LINK.ids.netNsFd, peerNsFd)
    w.end(described)
    w.end(data)
    w.end(info)
  })

/** Creates a single device with room for so many receive queues. */
export const createSingle = (name: string, rxQueues: number): Uint8Array =>
  linkMessage(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, () => {
    w.attrString(LINK.ids.ifname, name).attrU32(LINK.ids.numRxQueues, rxQueues)
    const info = w.beginNest(LINK.ids.linkinfo)
    w.attrString(LINKINFO.ids.kind, 'netkit')
    const data = w.beginNest(LINKINFO.ids.data)
    w.attrU32(NETKIT.ids.pairing, NETKIT_PAIRING.single)
    w.end(data)
    w.end(info)
  })

/** Leases a receive queue of a NIC to a device of the same namespace. `family`: id of the netdev family. */
export function leaseQueue(family: number, ifindex: number, nic: { ifindex: number; queue: number }): Uint8Array {
  const mark = beginMessage(w.reset(), family, NLM_F_REQUEST | NLM_F_ACK, 1, 0)
  GENL_HEADER.encode({ cmd: NETDEV.commands.queueCreate.id, version: NETDEV.version }, w)
  w.attrU32(NETDEV_QUEUE.ids.ifindex, ifindex).attrU32(NETDEV_QUEUE.ids.type, QUEUE_TYPE.rx)
  const lease = w.beginNest(NETDEV_QUEUE.ids.lease)
  w.attrU32(NETDEV_LEASE.ids.ifindex, nic.ifindex)
  const queue = w.beginNest(NETDEV_LEASE.ids.queue)
  w.attrU32(NETDEV_QUEUE_ID.ids.id, nic.queue).attrU32(NETDEV_QUEUE_ID.ids.type, QUEUE_TYPE.rx)
  w.end(queue)
  w.end(lease)
  endMessage(w, mark)
  return w.take()
}

export const deleteByName = (name: string): Uint8Array =>
  linkMessage(RTM_DELLINK, NLM_F_ACK, () => w.attrString(LINK.ids.ifname, name))

export const deleteByGroup = (group: number): Uint8Array =>
  linkMessage(RTM_DELLINK, NLM_F_ACK, () => w.attrU32(LINK.ids.group, group))

export const getByName = (name: string): Uint8Array =>
  linkMessage(RTM_GETLINK, 0, () => w.attrString(LINK.ids.ifname, name))

export function getByIndex(ifindex: number): Uint8Array {
  const mark = beginMessage(w.reset(), RTM_GETLINK, NLM_F_REQUEST, 1, 0)
  w.u32(0).u32(ifindex).zeros(8)
  endMessage(w, mark)
  return w.take()
}

export const dumpLinks = (): Uint8Array => linkMessage(RTM_GETLINK, NLM_F_DUMP, () => w)

/** Brings a device up. */
export const setUp = (name: string): Uint8Array => {
  const mark = beginMessage(w.reset(), RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0)
  w.u32(0).u32(0).u32(IFF_UP).u32(IFF_UP)
  w.attrString(LINK.ids.ifname, name)
  endMessage(w, mark)
  return w.take()
}
