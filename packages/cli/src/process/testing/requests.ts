import {
  Data,
  IFF_UP,
  LINK,
  LINKINFO,
  NETKIT,
  type NetlinkDoor,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_NEWLINK,
  RTM_SETLINK,
  Writer,
} from '@netkit/netlink'

let sequence = 0

/** A netlink message with the next sequence number; `write` writes its payload. */
export function message(type: number, flags: number, write: (w: Writer) => void): Uint8Array {
  const w = new Writer(256)
  w.u32(0)
    .u16(type)
    .u16(NLM_F_REQUEST | flags)
    .u32(++sequence)
    .u32(0)
  write(w)
  w.view.setUint32(0, w.length, true)
  return w.take()
}

const header = (w: Writer, ifindex = 0, flags = 0, change = 0): Writer =>
  w.u16(0).u16(0).u32(ifindex).u32(flags).u32(change)

const named = (w: Writer, name: string): Writer => w.attrString(LINK.ids.ifname, name)

/** A netkit pair: its first end has this name. `l2`: its ends get random addresses. */
export const newPair = (name: string, options: { readonly l2?: boolean; readonly single?: boolean } = {}): Uint8Array =>
  message(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, (w) => {
    named(header(w), name)
    const info = w.beginNest(LINK.ids.linkinfo)
    w.attrString(LINKINFO.ids.kind, 'netkit')
    const data = w.beginNest(LINKINFO.ids.data)
    if (options.l2) w.attrU32(NETKIT.ids.mode, 0)
    if (options.single) w.attrU32(NETKIT.ids.pairing, 1)
    w.end(data).end(info)
  })

export const deleteLink = (name: string): Uint8Array => message(RTM_DELLINK, NLM_F_ACK, (w) => named(header(w), name))

export const setUp = (name: string, up = true): Uint8Array =>
  message(RTM_SETLINK, NLM_F_ACK, (w) => named(header(w, 0, up ? IFF_UP : 0, IFF_UP), name))

export const setMtu = (name: string, mtu: number): Uint8Array =>
  message(RTM_SETLINK, NLM_F_ACK, (w) => named(header(w), name).attrU32(LINK.ids.mtu, mtu))

/** Moves a link to the namespace that is open under a descriptor of the client. */
export const moveToFd = (name: string, fd: number): Uint8Array =>
  message(RTM_SETLINK, NLM_F_ACK, (w) => named(header(w), name).attrU32(LINK.ids.netNsFd, fd))

export const moveToPid = (name: string, pid: number): Uint8Array =>
  message(RTM_SETLINK, NLM_F_ACK, (w) => named(header(w), name).attrU32(LINK.ids.netNsPid, pid))

export const dumpLinks = (): Uint8Array => message(RTM_GETLINK, NLM_F_DUMP, (w) => header(w))

/** The errno of an acknowledgement or of the end of a dump in a datagram; undefined if there is none. */
function endOf(bytes: Uint8Array, seq: number): number | undefined {
  const data = new Data(bytes)
  for (let at = 0; at < bytes.length; at += (data.u32(at) + 3) & ~3) {
    const type = data.u16(at + 4)
    if ((type === NLMSG_ERROR || type === NLMSG_DONE) && data.u32(at + 8) === seq) return Math.abs(data.s32(at + 16))
  }
  return undefined
}

/** Sends one request and takes what comes up to its acknowledgement or the end of its dump. */
export async function ask(
  door: NetlinkDoor,
  request: Uint8Array,
): Promise<{ readonly errno: number; readonly datagrams: readonly Uint8Array[] }> {
  const datagrams: Uint8Array[] = []
  const seq = new Data(request).u32(8)
  await door.send(request)
  for await (const { bytes } of door.receive()) {
    datagrams.push(bytes)
    const errno = endOf(bytes, seq)
    if (errno !== undefined) return { errno, datagrams }
  }
  throw new Error('the socket ended before the answer')
}

const text = new TextDecoder()

/** Names of the links in the datagrams of a dump, with their ifindex. */
export function linkNames(datagrams: readonly Uint8Array[]): string[] {
  const names: string[] = []
  for (const bytes of datagrams) {
    const data = new Data(bytes)
    for (let at = 0; at < bytes.length; at += (data.u32(at) + 3) & ~3) {
      if (data.u16(at + 4) !== RTM_NEWLINK) continue
      const end = at + data.u32(at)
      for (let attr = at + 32; attr < end; attr += (data.u16(attr) + 3) & ~3) {
        if (data.u16(attr + 2) === LINK.ids.ifname)
          names.push(text.decode(bytes.subarray(attr + 4, attr + data.u16(attr) - 1)))
      }
    }
  }
  return names
}
