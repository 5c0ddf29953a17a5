import {
  ADDR,
  ADDR_POLICY_V4,
  ADDR_POLICY_V6,
  AF_INET,
  AF_INET6,
  beginMessage,
  endMessage,
  errno,
  NLM_F_DUMP_FILTERED,
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  OLD_STRICT,
  RTM_NEWADDR,
  type Writer,
} from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { Dump } from '../../net/dump.ts'
import type { V4Address, V6Address } from '../../net/ip-address.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { Request } from '../../net/request.ts'
import { bodyOf, parseBody } from '../body.ts'
import { nsByIdForReading } from '../target-ns.ts'
import { writeAddress } from './message.ts'
import { ADDR_HEADER_SIZE } from './request.ts'

const A = ADDR.ids

export const dumpAddresses = (req: Request): number => req.socket.startDump(new AddressDump(req))

/** RTM_GETADDR of one family, or of both. */
class AddressDump implements Dump {
  readonly request: Request
  readonly doneApart: boolean
  /** Families that are still to be listed. */
  #families: number[]
  doneFlags = 0
  readonly #found = new Int32Array(ADDR.policy.maxId + 1)
  #ns: NetNamespace
  #target: number | undefined
  #only = 0
  #started = 0
  /** Where to go on: device, and address of it. */
  #ifindex = 0
  #at = 0
  #changeCount = 0

  constructor(req: Request) {
    this.request = req
    this.#ns = req.ns
    const family = req.bytes[bodyOf(req)]
    const one = family === AF_INET || family === AF_INET6
    this.#families = one ? [family] : [AF_INET, AF_INET6]
    this.doneApart = !one
  }

  /** What a family finds wrong with the request, when its turn comes. */
  #parse(family: number): number {
    const { request: req } = this
    this.#target = undefined
    this.#only = 0
    this.#ns = req.ns
    if (!req.socket.strict) return 0
    const v = family === AF_INET ? 'ipv4' : 'ipv6'
    const body = bodyOf(req)
    if (req.end - body < ADDR_HEADER_SIZE) {
      return req.refuse(errno.EINVAL, `${v}: Invalid header for address dump request`)
    }
    if (req.bytes[body + 1] !== 0 || req.bytes[body + 2] !== 0 || req.bytes[body + 3] !== 0) {
      return req.refuse(errno.EINVAL, `${v}: Invalid values in header for address dump request`)
    }
    this.#only = req.view.getInt32(body + 4, true)
    if (this.#only !== 0) this.doneFlags = NLM_F_DUMP_FILTERED
    const policy = family === AF_INET ? ADDR_POLICY_V4 : ADDR_POLICY_V6
    return parseBody(req, ADDR_HEADER_SIZE, policy, this.#found, OLD_STRICT) || this.#filter(v)
  }

  #filter(v: string): number {
    const { request: req } = this
    const found = this.#found
    for (let id = 1; id < found.length; id++) {
      if (found[id] === 0) continue
      if (id !== A.targetNetnsid) return req.refuse(errno.EINVAL, `${v}: Unsupported attribute in dump request`)
      this.#target = req.s32(found[id])
      const ns = nsByIdForReading(req, this.#target)
      if (typeof ns === 'number') return req.refuse(-ns, `${v}: Invalid target network namespace id`)
      this.#ns = ns
    }
    return this.#only !== 0 && !this.#ns.devices.has(this.#only) ? -errno.ENODEV : 0
  }

  fill(w: Writer, limit: number): number {
    for (let family = this.#families[0]; family !== undefined; family = this.#families[0]) {
      if (this.#started !== family) {
        const error = this.#parse(family)
        if (error !== 0) return error
        this.#started = family
        this.#ifindex = 0
        this.#at = 0
      }
      if (!this.#list(w, limit, family)) return 1
      this.#families = this.#families.slice(1)
    }
    return 0
  }

  /** False: there was no room for all. */
  #list(w: Writer, limit: number, family: number): boolean {
    const ns = this.#ns
    const list = ns.sorted()
    for (let i = ns.from(this.#ifindex); i < list.length; i++) {
      const dev = list[i]
      if (this.#only !== 0 && dev.ifindex !== this.#only) continue
      const addresses = (family === AF_INET ? dev.inet?.v4Addresses : dev.inet?.v6Addresses) ?? []
      for (let at = dev.ifindex === this.#ifindex ? this.#at : 0; at < addresses.length; at++) {
        const before = w.length
        this.#write(w, dev, addresses[at])
        if (w.length <= limit || before === 0) continue
        w.length = before
        this.#ifindex = dev.ifindex
        this.#at = at
        return false
      }
    }
    return true
  }

  #write(w: Writer, dev: Device, address: V4Address | V6Address): void {
    const { request: req } = this
    const { kernel } = req.socket
    let flags = NLM_F_MULTI | this.doneFlags
    if (this.#changeCount !== 0 && this.#changeCount !== this.#ns.changeCount) flags |= NLM_F_DUMP_INTR
    this.#changeCount = this.#ns.changeCount
    const mark = beginMessage(w, RTM_NEWADDR, flags, req.seq, req.socket.portId)
    writeAddress(w, kernel, dev, address, this.#target)
    endMessage(w, mark)
  }
}
