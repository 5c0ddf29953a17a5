import { checkAttrs, errno, NLM_F_MULTI, NSID, OLD_STRICT, RTM_NEWNSID, type Writer } from '@netkit/netlink'
import type { Dump } from '../../net/dump.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { Request } from '../../net/request.ts'
import { nsByIdForReading } from '../target-ns.ts'
import { nsidMessage } from './message.ts'

const N = NSID.ids
/** Bytes of the longest record. */
const NSID_RECORD = 36

export const dumpNsids = (req: Request): number => req.socket.startDump(new NsidDump(req))

/** RTM_GETNSID for all ids that a namespace has given out. Source: spec 01 §2.15. */
class NsidDump implements Dump {
  readonly request: Request
  readonly doneApart = false
  #reader: NetNamespace
  /** With TARGET_NSID, ids are told as the requester's namespace knows them, too. */
  #also: NetNamespace | undefined
  readonly #error: number
  #next = 0

  constructor(req: Request) {
    this.request = req
    this.#reader = req.ns
    this.#error = req.socket.strict ? this.#parse() : 0
  }

  #parse(): number {
    const { request: req } = this
    const attrs = new Int32Array(NSID.policy.maxId + 1)
    const body = req.start + 16
    if (req.end - body < 1) return req.refuse(errno.EINVAL, 'Invalid header length')
    const error = checkAttrs(req, Math.min(body + 4, req.end), req.end, req.policy(NSID.policy), OLD_STRICT, attrs)
    if (error !== 0) return error
    for (let id = 1; id < attrs.length; id++) {
      if (attrs[id] === 0) continue
      if (id !== N.targetNsid) return req.refuse(errno.EINVAL, 'Unsupported attribute in dump request', attrs[id])
      const ns = nsByIdForReading(req, req.s32(attrs[id]))
      if (typeof ns === 'number') return req.refuse(-ns, 'Invalid target network namespace id', attrs[id])
      this.#reader = ns
      this.#also = req.ns
    }
    return 0
  }

  fill(w: Writer, limit: number): number {
    if (this.#error !== 0) return this.#error
    const { request: req } = this
    const ids = [...this.#reader.byNsid.keys()].filter((id) => id >= this.#next).sort((a, b) => a - b)
    for (const id of ids) {
      if (w.length + NSID_RECORD > limit) {
        this.#next = id
        return 1
      }
      const peer = this.#reader.byNsid.get(id)
      const current = this.#also && peer ? (this.#also.nsidOf.get(peer) ?? -1) : undefined
      w.raw(nsidMessage(RTM_NEWNSID, NLM_F_MULTI, req.seq, req.socket.portId, id, current))
    }
    return 0
  }
}
