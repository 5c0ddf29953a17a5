import { AF_INET6, beginMessage, endMessage, errno, LINK, NLM_F_MULTI, RTM_NEWLINK, type Writer } from '@netkit/netlink'
import { writeByteString } from '../../net/bytestring.ts'
import type { Device } from '../../net/device.ts'
import type { Dump } from '../../net/dump.ts'
import { reportedFlags } from '../../net/flags.ts'
import type { Request } from '../../net/request.ts'
import { writeInet6 } from '../link/af-spec.ts'

const L = LINK.ids

export const dumpInet6Links = (req: Request): number => req.socket.startDump(new Inet6LinkDump(req))

/** RTM_GETLINK of IPv6: the devices that it is configured on, as it sees them. Source: what Linux 7.3 answers. */
class Inet6LinkDump implements Dump {
  readonly request: Request
  readonly doneApart = true
  readonly #error: number
  /** Ifindex from which to go on. */
  #next = 0

  constructor(req: Request) {
    this.request = req
    this.#error = req.socket.strict ? checkStrictly(req) : 0
  }

  fill(w: Writer, limit: number): number {
    if (this.#error !== 0) return this.#error
    const { ns } = this.request
    const list = ns.sorted()
    for (let i = ns.from(this.#next); i < list.length; i++) {
      const dev = list[i]
      if (!dev.inet?.v6) continue
      const before = w.length
      this.#write(w, dev)
      if (w.length > limit && before > 0) {
        w.length = before
        this.#next = dev.ifindex
        return 1
      }
    }
    this.#next = 0x8000_0000
    return 0
  }

  #write(w: Writer, dev: Device): void {
    const { request: req } = this
    const mark = beginMessage(w, RTM_NEWLINK, NLM_F_MULTI, req.seq, req.socket.portId)
    const at = w.reserve(16)
    w.view.setUint32(at, AF_INET6 | (dev.type << 16), true)
    w.view.setInt32(at + 4, dev.ifindex, true)
    w.view.setUint32(at + 8, reportedFlags(dev), true)
    w.view.setUint32(at + 12, 0, true)
    writeByteString(w, L.ifname, dev.name)
    if (dev.addressLength > 0) w.attrBytes(L.address, dev.address)
    w.attrU32(L.mtu, dev.mtu)
    const { iflink } = dev
    if (iflink !== dev.ifindex) w.attrU32(L.link, iflink)
    w.attrU8(L.operstate, dev.reportedOperstate)
    const protinfo = w.begin(L.protinfo)
    writeInet6(w, dev, req.socket.kernel.release, false)
    w.end(protinfo)
    endMessage(w, mark)
  }
}

function checkStrictly(req: Request): number {
  const body = req.start + 16
  if (req.end - body < 16) return req.refuse(errno.EINVAL, 'ipv6: Invalid header for link dump request')
  if (req.end - body > 16) return req.refuse(errno.EINVAL, 'ipv6: Invalid data after header')
  const { view } = req
  const fields = [
    view.getUint8(body + 1),
    view.getUint16(body + 2, true),
    ...[4, 8, 12].map((n) => view.getUint32(body + n, true)),
  ]
  return fields.some((n) => n !== 0) ? req.refuse(errno.EINVAL, 'ipv6: Invalid values in header for dump request') : 0
}
