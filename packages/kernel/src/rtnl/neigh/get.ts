import { AF_INET, AF_INET6, beginMessage, endMessage, errno, NLM_F_MULTI, RTM_NEWNEIGH, Writer } from '@netkit/netlink'
import type { Dump } from '../../net/dump.ts'
import type { Neighbour } from '../../net/neighbour.ts'
import type { Request } from '../../net/request.ts'
import { bodyOf } from '../body.ts'
import { writeNeighbour } from './message.ts'
import { readNeighbour } from './request.ts'

const out = new Writer(256)

/** RTM_GETNEIGH of one entry. */
export function getNeighbour(req: Request): number {
  const wanted = readNeighbour(req)
  if (typeof wanted === 'number') return wanted
  const { socket } = req
  if (wanted.dev === undefined) return req.refuse(errno.EINVAL, 'No device specified')
  const n = socket.kernel.neighbours(wanted.v6).map.find(wanted.dev, wanted.key)
  if (n === undefined) return req.refuse(errno.ENOENT, 'Neighbour entry not found')
  const mark = beginMessage(out.reset(), RTM_NEWNEIGH, 0, req.seq, socket.portId)
  writeNeighbour(out, socket.kernel, n)
  endMessage(out, mark)
  socket.deliver(out.take())
  return 0
}

export const dumpNeighbours = (req: Request): number => req.socket.startDump(new NeighbourDump(req))

/** RTM_GETNEIGH of one family, or of both; of a device if the header names one. */
class NeighbourDump implements Dump {
  readonly request: Request
  readonly doneApart = false
  readonly #list: readonly Neighbour[]
  #at = 0

  constructor(req: Request) {
    this.request = req
    const family = req.bytes[bodyOf(req)]
    const body = bodyOf(req)
    const ifindex = req.end - body >= 8 ? req.view.getInt32(body + 4, true) : 0
    const { kernel } = req.socket
    const all = [
      ...(family === AF_INET6 ? [] : kernel.neighbours(false).map.of(req.ns)),
      ...(family === AF_INET ? [] : kernel.neighbours(true).map.of(req.ns)),
    ]
    // Those that nothing was asked about yet are not listed.
    this.#list = all.filter((n) => (ifindex === 0 || n.dev.ifindex === ifindex) && n.state !== 0)
  }

  fill(w: Writer, limit: number): number {
    const { request: req } = this
    for (; this.#at < this.#list.length; this.#at++) {
      const n = this.#list[this.#at]
      if (n.dead) continue
      const before = w.length
      const mark = beginMessage(w, RTM_NEWNEIGH, NLM_F_MULTI, req.seq, req.socket.portId)
      writeNeighbour(w, req.socket.kernel, n)
      endMessage(w, mark)
      if (w.length <= limit || before === 0) continue
      w.length = before
      return 1
    }
    return 0
  }
}
