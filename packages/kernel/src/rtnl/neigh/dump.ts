import {
  AF_INET,
  AF_INET6,
  beginMessage,
  endMessage,
  errno,
  LIBERAL,
  NEIGH,
  NEIGH_FLAGS,
  NLM_F_DUMP_FILTERED,
  NLM_F_MULTI,
  OLD_STRICT,
  RTM_NEWNEIGH,
  type Writer,
} from '@netkit/netlink'
import type { Dump } from '../../net/dump.ts'
import type { Neighbour } from '../../net/neighbour.ts'
import type { ProxyNeighbour } from '../../net/proxies.ts'
import type { Request } from '../../net/request.ts'
import { bodyOf, onlyThese, parseBody } from '../body.ts'
import { writeNeighbour, writeProxy } from './message.ts'
import { found, NEIGH_HEADER_SIZE, readHeader } from './request.ts'

const N = NEIGH.ids

export const dumpNeighbours = (req: Request): number => req.socket.startDump(new NeighbourDump(req))

/** What a strict socket may say of a list. */
function checkStrictly(req: Request): number {
  const refuse = (text: string) => req.refuse(errno.EINVAL, `${text} neighbor dump request`)
  if (req.end - bodyOf(req) < NEIGH_HEADER_SIZE) return refuse('Invalid header for')
  const { pad, ifindex, state, flags, type } = readHeader(req)
  if (pad !== 0 || ifindex !== 0 || state !== 0 || type !== 0) return refuse('Invalid values in header for')
  if ((flags & ~NEIGH_FLAGS.proxy) !== 0) return refuse('Invalid flags in header for')
  const error = parseBody(req, NEIGH_HEADER_SIZE, NEIGH.policy, found, OLD_STRICT)
  return error || onlyThese(req, found, [N.ifindex, N.master], 'Unsupported attribute in neighbor dump request')
}

/** RTM_GETNEIGH of one family, or of both; of neighbours or of proxies; of one device if an attribute says so. */
class NeighbourDump implements Dump {
  readonly request: Request
  readonly doneApart = false
  readonly #error: number = 0
  readonly #flags: number = NLM_F_MULTI
  readonly #list: readonly (Neighbour | ProxyNeighbour)[] = []
  #at = 0

  constructor(req: Request) {
    this.request = req
    found.fill(0)
    if (req.socket.strict) this.#error = checkStrictly(req)
    // Others are told what is wrong, but get the whole list.
    else if (parseBody(req, NEIGH_HEADER_SIZE, NEIGH.policy, found, LIBERAL) !== 0) found.fill(0)
    if (this.#error !== 0) return
    const only = found[N.ifindex] === 0 ? 0 : req.u32(found[N.ifindex])
    const master = found[N.master] === 0 ? 0 : req.u32(found[N.master])
    if (only !== 0 || master !== 0) this.#flags |= NLM_F_DUMP_FILTERED
    this.#list = all(req).filter(
      ({ dev }) =>
        (only === 0 || dev?.ifindex === only) && (master === 0 || dev === undefined || dev.masterIfindex === master),
    )
  }

  fill(w: Writer, limit: number): number {
    if (this.#error !== 0) return this.#error
    const { request: req } = this
    for (; this.#at < this.#list.length; this.#at++) {
      const one = this.#list[this.#at]
      if ('dead' in one && one.dead) continue
      const before = w.length
      const mark = beginMessage(w, RTM_NEWNEIGH, this.#flags, req.seq, req.socket.portId)
      if ('dead' in one) writeNeighbour(w, req.socket.kernel, one)
      else writeProxy(w, one)
      endMessage(w, mark)
      if (w.length <= limit || before === 0) continue
      w.length = before
      return 1
    }
    return 0
  }
}

function all(req: Request): (Neighbour | ProxyNeighbour)[] {
  const body = bodyOf(req)
  const family = req.bytes[body]
  const proxies = req.end - body >= NEIGH_HEADER_SIZE && req.bytes[body + 10] === NEIGH_FLAGS.proxy
  return [AF_INET, AF_INET6].flatMap((one): readonly (Neighbour | ProxyNeighbour)[] => {
    if (family !== 0 && family !== one) return []
    const table = req.socket.kernel.neighbours(one === AF_INET6)
    return proxies ? table.proxies.of(req.ns) : table.map.of(req.ns)
  })
}
