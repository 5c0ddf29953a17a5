import { checkAttrs, errno, LIBERAL, LINK, OLD_STRICT, type Writer } from '@netkit/netlink'
import type { Dump } from '../../net/dump.ts'
import type { Request } from '../../net/request.ts'

/** What the bridge answers for its ports, where no device is a bridge and none is a port. Source: what Linux 7.3 answers. */

const L = LINK.ids
const BRIDGE_FLAGS = 0
const BRIDGE_MODE = 1

/** RTM_SETLINK and RTM_DELLINK with the family of the bridge. */
export const setBridgePort = (req: Request): number => refusePort(req, [BRIDGE_FLAGS, BRIDGE_MODE])
export const delBridgePort = (req: Request): number => refusePort(req, [BRIDGE_FLAGS])

/** `words`: attributes in IFLA_AF_SPEC that have two bytes. */
function refusePort(req: Request, words: readonly number[]): number {
  const body = req.start + 16
  if (req.end - body < 16) return -errno.EINVAL
  if (!req.ns.devices.has(req.view.getInt32(body + 4, true))) return req.refuse(errno.ENODEV, 'unknown ifindex')
  const spec = first(req, body + 16, req.end, (id) => id === L.afSpec)
  const short =
    spec !== 0 &&
    first(req, spec + 4, req.attrEnd(spec), (id, at) => words.includes(id) && req.attrLength(at) < 2) !== 0
  return short ? -errno.EINVAL : -errno.EOPNOTSUPP
}

/** The first attribute of which something is true; 0 if there is none. */
function first(req: Request, from: number, end: number, is: (id: number, at: number) => boolean): number {
  for (let at = from; end - at >= 4; ) {
    const length = req.view.getUint16(at, true)
    if (length < 4 || at + length > end) break
    if (is(req.view.getUint16(at + 2, true) & 0x3fff, at)) return at
    at += (length + 3) & ~3
  }
  return 0
}

export const dumpBridgePorts = (req: Request): number => req.socket.startDump(new PortDump(req))

/** RTM_GETLINK for all ports: there are none. */
class PortDump implements Dump {
  readonly request: Request
  readonly doneApart = true
  readonly #error: number

  constructor(req: Request) {
    this.request = req
    this.#error = req.socket.strict ? checkStrictly(req) : checkLiberally(req)
  }

  fill(_w: Writer): number {
    return this.#error
  }
}

function checkStrictly(req: Request): number {
  const body = req.start + 16
  if (req.end - body < 16) return req.refuse(errno.EINVAL, 'Invalid header for bridge link dump')
  const { view } = req
  const fields = [
    view.getUint8(body + 1),
    view.getUint16(body + 2, true),
    ...[4, 8, 12].map((n) => view.getUint32(body + n, true)),
  ]
  if (fields.some((n) => n !== 0))
    return req.refuse(errno.EINVAL, 'Invalid values in header for bridge link dump request')
  const attrs = new Int32Array(LINK.policy.maxId + 1)
  const error = checkAttrs(req, body + 16, req.end, req.policy(LINK.policy), OLD_STRICT, attrs)
  if (error !== 0) return error
  const odd = attrs.some((at, id) => at !== 0 && id !== L.extMask)
  return odd ? req.refuse(errno.EINVAL, 'Unsupported attribute in bridge link dump request') : 0
}

/** What is wrong is said, and refuses nothing. */
function checkLiberally(req: Request): number {
  const body = req.start + 16
  if (req.end - body < 16) req.extack.msg = 'Invalid header length'
  else checkAttrs(req, body + 16, req.end, req.policy(LINK.policy), LIBERAL)
  return 0
}
