import { beginMessage, endMessage, NETLINK_ROUTE, NLM_F_ECHO, Writer } from '@netkit/netlink'
import type { Core } from '../net/core.ts'
import { takeDatagram } from '../net/datagrams.ts'
import { hasListeners, multicast } from '../net/multicast.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { Request } from '../net/request.ts'

const out = new Writer(1024)

/** Whom a message is for, and what it says of its cause. */
export interface Notice {
  readonly group: number
  readonly type: number
  readonly flags: number
  /** The request that caused it: whoever sent it may want an echo. */
  readonly req?: Request
  /** Who caused it, where no request is told of. */
  readonly portId?: number
}

/** Tells a group of a namespace what `write` writes. Nothing is written where nobody listens. */
export function tell(kernel: Core, ns: NetNamespace, notice: Notice, write: (w: Writer) => void): void {
  const { group, type, flags, req, portId = 0 } = notice
  const requester = req && (req.flags & NLM_F_ECHO) !== 0 ? req.socket : undefined
  if (!requester && !hasListeners(kernel, ns, NETLINK_ROUTE, group)) return
  const mark = beginMessage(out.reset(), type, flags, req?.seq ?? 0, req?.socket.portId ?? portId)
  write(out)
  endMessage(out, mark)
  const bytes = takeDatagram(out)
  multicast(kernel, ns, NETLINK_ROUTE, group, bytes, requester)
  requester?.deliver(bytes)
}
