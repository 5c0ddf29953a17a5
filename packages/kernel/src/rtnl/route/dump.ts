import {
  AF_INET,
  AF_INET6,
  beginMessage,
  endMessage,
  errno,
  NLM_F_DUMP_FILTERED,
  NLM_F_MULTI,
  OLD_STRICT,
  ROUTE,
  ROUTE_POLICY_V4,
  RTM_F_CLONED,
  RTM_F_PREFIX,
  RTM_NEWROUTE,
  type Writer,
} from '@netkit/netlink'
import type { Dump } from '../../net/dump.ts'
import { listRoutes, listTables } from '../../net/ip/tables.ts'
import type { Request } from '../../net/request.ts'
import type { FamilyRoutes, Route } from '../../net/route.ts'
import { bodyOf, parseBody } from '../body.ts'
import { writeRoute } from './message.ts'
import { ROUTE_HEADER_SIZE } from './wish-v4.ts'

const R = ROUTE.ids

export const dumpRoutes = (req: Request): number => req.socket.startDump(new RouteDump(req))

/** What a dump is asked to leave out. 0: does not matter. */
interface Filter {
  table: number
  protocol: number
  type: number
  flags: number
  oif: number
}

/** RTM_GETROUTE of one family, or of both. */
class RouteDump implements Dump {
  readonly request: Request
  readonly doneApart: boolean
  #families: number[]
  readonly #all: boolean
  doneFlags = 0
  #started = 0
  readonly #found = new Int32Array(ROUTE_POLICY_V4.maxId + 1)
  #filter: Filter = { table: 0, protocol: 0, type: 0, flags: 0, oif: 0 }
  /** What of the family is still to be listed. */
  #routes: readonly Route[] = []
  #at = 0

  constructor(req: Request) {
    this.request = req
    const family = req.bytes[bodyOf(req)]
    const one = family === AF_INET || family === AF_INET6
    this.#families = one ? [family] : [AF_INET, AF_INET6]
    this.#all = !one
    this.doneApart = !one
  }

  #parse(): number {
    const { request: req } = this
    const body = bodyOf(req)
    if (!req.socket.strict) {
      // An old way to ask for few: flags in the header.
      if (req.end - body < ROUTE_HEADER_SIZE) return 0
      this.#filter.flags = req.view.getUint32(body + 8, true) & RTM_F_PREFIX
      return 0
    }
    if (req.end - body < ROUTE_HEADER_SIZE) return req.refuse(errno.EINVAL, 'Invalid header for FIB dump request')
    const { bytes } = req
    if (bytes[body + 1] !== 0 || bytes[body + 2] !== 0 || bytes[body + 3] !== 0 || bytes[body + 6] !== 0) {
      return req.refuse(errno.EINVAL, 'Invalid values in header for FIB dump request')
    }
    const flags = req.view.getUint32(body + 8, true)
    if ((flags & ~(RTM_F_CLONED | RTM_F_PREFIX)) !== 0) {
      return req.refuse(errno.EINVAL, 'Invalid flags for FIB dump request')
    }
    this.#filter = {
      table: bytes[body + 4],
      protocol: bytes[body + 5],
      type: bytes[body + 7],
      flags,
      oif: 0,
    }
    const error = parseBody(req, ROUTE_HEADER_SIZE, ROUTE_POLICY_V4, this.#found, OLD_STRICT) || this.#takeAttrs()
    if (error === 0 && Object.values(this.#filter).some((n) => n !== 0)) this.doneFlags = NLM_F_DUMP_FILTERED
    return error
  }

  #takeAttrs(): number {
    const { request: req } = this
    const found = this.#found
    for (let id = 1; id < found.length; id++) {
      if (found[id] === 0) continue
      if (id === R.table) this.#filter.table = req.u32(found[id])
      else if (id === R.oif) {
        this.#filter.oif = req.u32(found[id])
        if (!req.ns.devices.has(this.#filter.oif)) return -errno.ENODEV
      } else return req.refuse(errno.EINVAL, 'Unsupported attribute in dump request')
    }
    return 0
  }

  fill(w: Writer, limit: number): number {
    for (let family = this.#families[0]; family !== undefined; family = this.#families[0]) {
      if (this.#started !== family) {
        this.#started = family
        const error = this.#parse() || this.#select(family)
        if (error !== 0) return error
      }
      if (!this.#list(w, limit)) return 1
      this.#families = this.#families.slice(1)
    }
    return 0
  }

  /** Notes what is to be listed: routes that come meanwhile are not. */
  #select(family: number): number {
    const { request: req } = this
    const routes: FamilyRoutes = family === AF_INET ? req.ns.ip.v4 : req.ns.ip.v6
    const { table, flags } = this.#filter
    this.#at = 0
    this.#routes = []
    if (family === AF_INET && (flags & RTM_F_PREFIX) !== 0) return 0
    if (table !== 0) {
      const one = routes.tables.get(table)
      if (!one)
        return this.#all
          ? 0
          : req.refuse(errno.ENOENT, `${family === AF_INET ? 'ipv4' : 'ipv6'}: FIB table does not exist`)
      if ((flags & (RTM_F_CLONED | RTM_F_PREFIX)) === 0)
        this.#routes = listRoutes(one).filter((route) => this.#wants(route))
      return 0
    }
    // Clones are kept nowhere, nor are prefixes that routers tell of.
    if ((flags & (RTM_F_CLONED | RTM_F_PREFIX)) !== 0) return 0
    this.#routes = listTables(routes).flatMap((one) => listRoutes(one).filter((route) => this.#wants(route)))
    return 0
  }

  #wants(route: Route): boolean {
    const { protocol, type, oif } = this.#filter
    if (protocol !== 0 && route.protocol !== protocol) return false
    if (type !== 0 && route.type !== type) return false
    if (oif !== 0 && !route.nexthops.some(({ device }) => device?.ifindex === oif)) return false
    return true
  }

  /** False: there was no room for all. */
  #list(w: Writer, limit: number): boolean {
    const { request: req } = this
    // Whoever asks strictly is told of a filter even where there is none.
    const flags = NLM_F_MULTI | (req.socket.strict ? NLM_F_DUMP_FILTERED : this.doneFlags)
    for (; this.#at < this.#routes.length; this.#at++) {
      const before = w.length
      const mark = beginMessage(w, RTM_NEWROUTE, flags, req.seq, req.socket.portId)
      writeRoute(w, req.socket.kernel, this.#routes[this.#at])
      endMessage(w, mark)
      if (w.length <= limit || before === 0) continue
      w.length = before
      return false
    }
    return true
  }
}
