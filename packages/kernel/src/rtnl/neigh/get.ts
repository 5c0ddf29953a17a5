import { beginMessage, endMessage, errno, NEIGH, NEIGH_FLAGS, OLD_STRICT, RTM_NEWNEIGH, Writer } from '@netkit/netlink'
import type { Request } from '../../net/request.ts'
import { bodyOf, onlyThese, parseBody } from '../body.ts'
import { writeNeighbour, writeProxy } from './message.ts'
import { deviceOf, found, type Header, keyOf, NEIGH_HEADER_SIZE, readHeader, wordsOf } from './request.ts'

const N = NEIGH.ids
const out = new Writer(256)

/** Only the address, the device and the family are said: whether the socket is strict or not. */
function checkRequest(req: Request): Header | number {
  const refuse = (text: string) => req.refuse(errno.EINVAL, `${text} neighbor get request`)
  if (req.end - bodyOf(req) < NEIGH_HEADER_SIZE) return refuse('Invalid header for')
  const header = readHeader(req)
  if (header.pad !== 0 || header.state !== 0 || header.type !== 0) return refuse('Invalid values in header for')
  if ((header.flags & ~NEIGH_FLAGS.proxy) !== 0) return refuse('Invalid flags in header for')
  if (header.ifindex === 0 && (header.flags & NEIGH_FLAGS.proxy) === 0) {
    return req.refuse(errno.EINVAL, 'No device specified')
  }
  const error = parseBody(req, NEIGH_HEADER_SIZE, NEIGH.policy, found, OLD_STRICT)
  if (error !== 0) return error
  if (found[N.dst] === 0) {
    req.extack.missType = N.dst
    return -errno.EINVAL
  }
  const unsupported = onlyThese(req, found, [N.dst], 'Unsupported attribute in neighbor get request')
  if (unsupported !== 0) return unsupported
  const words = wordsOf(header.family)
  if (words === 0) {
    return req.refuse(errno.EAFNOSUPPORT, 'Unsupported family in header for neighbor get request')
  }
  return req.attrLength(found[N.dst]) === 4 * words ? header : refuse('Invalid network address in')
}

/** RTM_GETNEIGH of one entry. */
export function getNeighbour(req: Request): number {
  const header = checkRequest(req)
  if (typeof header === 'number') return header
  const dev = deviceOf(req, header)
  if (typeof dev === 'number') return req.refuse(-dev, 'Unknown device ifindex')
  const words = wordsOf(header.family)
  const key = keyOf(req, words)
  const { socket } = req
  const table = socket.kernel.neighbours(words === 4)
  const mark = beginMessage(out.reset(), RTM_NEWNEIGH, 0, req.seq, socket.portId)
  if ((header.flags & NEIGH_FLAGS.proxy) !== 0) {
    const proxy = table.proxies.find(req.ns, dev, key)
    if (proxy === undefined) return req.refuse(errno.ENOENT, 'Proxy neighbour entry not found')
    writeProxy(out, proxy)
  } else {
    const n = dev && table.map.find(dev, key)
    if (n === undefined) return req.refuse(errno.ENOENT, 'Neighbour entry not found')
    writeNeighbour(out, socket.kernel, n)
  }
  endMessage(out, mark)
  socket.deliver(out.take())
  return 0
}
