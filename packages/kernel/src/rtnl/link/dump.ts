import {
  beginMessage,
  checkAttrs,
  endMessage,
  errno,
  LIBERAL,
  LINK,
  LINKINFO,
  NLM_F_DUMP_FILTERED,
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  OLD_STRICT,
  RTM_NEWLINK,
  type Writer,
} from '@netkit/netlink'
import { readByteString } from '../../net/bytestring.ts'
import type { Device } from '../../net/device.ts'
import type { DriverHooks } from '../../net/driver.ts'
import type { Dump } from '../../net/dump.ts'
import { LinkRequest } from '../../net/link-request.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { Request } from '../../net/request.ts'
import { nsByIdForReading } from '../target-ns.ts'
import { type LinkMessage, writeLinkMessage } from './message.ts'

const L = LINK.ids
const ALLOWED: ReadonlySet<number> = new Set([L.targetNetnsid, L.extMask, L.master, L.linkinfo])
const NO_MASTER = 0xffff_ffff

export const dumpLinks = (req: Request): number => req.socket.startDump(new LinkDump(req))

/** RTM_GETLINK for all links. Whatever is wrong with the request shows at the end of the dump. Source: spec 01 §2.10. */
class LinkDump implements Dump {
  readonly request: Request
  readonly doneApart = true
  readonly #link = new LinkRequest()
  readonly #message: LinkMessage
  readonly #error: number
  #ns: NetNamespace
  #target: number | undefined
  #extMask = 0
  #master = 0
  #driver: DriverHooks | undefined
  /** Ifindex from which to go on. */
  #next = 0
  #changeCount = 0

  constructor(req: Request) {
    this.request = req
    this.#ns = req.ns
    this.#error = this.#parse() || this.#take()
    this.#message = {
      type: RTM_NEWLINK,
      change: 0,
      extMask: this.#extMask,
      targetNetnsid: this.#target,
      kernel: req.socket.kernel,
      reader: req.ns,
    }
  }

  #parse(): number {
    const { request: req } = this
    const body = req.start + 16
    if (req.socket.strict) {
      if (req.end - body < 16) return req.refuse(errno.EINVAL, 'Invalid header for link dump')
      const { view } = req
      const odd = view.getUint8(body + 1) !== 0 || view.getUint16(body + 2, true) !== 0
      if (odd || view.getUint32(body + 8, true) !== 0 || view.getUint32(body + 12, true) !== 0) {
        return req.refuse(errno.EINVAL, 'Invalid values in header for link dump request')
      }
      if (view.getInt32(body + 4, true) !== 0) {
        return req.refuse(errno.EINVAL, 'Filter by device index not supported for link dumps')
      }
      return checkAttrs(req, body + 16, req.end, req.policy(LINK.policy), OLD_STRICT, this.#link.attrs)
    }
    // An old header of one byte, padded, is good enough; and what is wrong with attributes is ignored.
    const header = req.end - body < 16 ? 4 : 16
    const silent = { bytes: req.bytes, view: req.view, extack: {} }
    if (checkAttrs(silent, body + header, req.end, req.policy(LINK.policy), LIBERAL, this.#link.attrs) !== 0)
      this.#link.attrs.fill(0)
    return 0
  }

  #take(): number {
    const { request: req } = this
    const { attrs } = this.#link
    for (let id = 1; id < attrs.length; id++) {
      const at = attrs[id]
      if (at === 0) continue
      if (!ALLOWED.has(id)) {
        if (req.socket.strict) return req.refuse(errno.EINVAL, 'Unsupported attribute in link dump request')
      } else if (id === L.targetNetnsid) {
        const ns = nsByIdForReading(req, req.s32(at))
        if (typeof ns === 'number') return req.refuse(-ns, 'Invalid target network namespace id')
        this.#ns = ns
        this.#target = req.s32(at)
      } else if (id === L.extMask) this.#extMask = req.u32(at)
      else if (id === L.master) this.#master = req.u32(at)
      else this.#driver = this.#kind(at)
    }
    return 0
  }

  /** A kind that nobody knows is no filter at all. */
  #kind(at: number): DriverHooks | undefined {
    const { request: req } = this
    const info = new Int32Array(LINKINFO.policy.maxId + 1)
    const silent = { bytes: req.bytes, view: req.view, extack: {} }
    if (checkAttrs(silent, at + 4, req.attrEnd(at), LINKINFO.policy, LIBERAL, info) !== 0) return undefined
    const kind = info[LINKINFO.ids.kind]
    return kind === 0
      ? undefined
      : req.socket.kernel.drivers.byKind(readByteString(req.bytes, kind + 4, req.attrEnd(kind)))
  }

  #wanted(dev: Device): boolean {
    if (this.#driver !== undefined && dev.driver !== this.#driver) return false
    if (this.#master === 0) return true
    return this.#master === NO_MASTER ? dev.masterIfindex === 0 : dev.masterIfindex === this.#master
  }

  fill(w: Writer, limit: number): number {
    if (this.#error !== 0) return this.#error
    const ns = this.#ns
    let flags = NLM_F_MULTI | (this.#master !== 0 || this.#driver !== undefined ? NLM_F_DUMP_FILTERED : 0)
    if (this.#changeCount !== 0 && this.#changeCount !== ns.changeCount) flags |= NLM_F_DUMP_INTR
    this.#changeCount = ns.changeCount
    const list = ns.sorted()
    for (let i = ns.from(this.#next); i < list.length; i++) {
      const dev = list[i]
      if (!this.#wanted(dev)) continue
      const before = w.length
      this.#write(w, dev, flags)
      if (w.length > limit && before > 0) {
        w.length = before
        this.#next = dev.ifindex
        return 1
      }
      flags &= ~NLM_F_DUMP_INTR
    }
    this.#next = 0x8000_0000
    return 0
  }

  #write(w: Writer, dev: Device, flags: number): void {
    const { request: req } = this
    const mark = beginMessage(w, RTM_NEWLINK, flags, req.seq, req.socket.portId)
    writeLinkMessage(w, dev, this.#message)
    endMessage(w, mark)
  }
}
