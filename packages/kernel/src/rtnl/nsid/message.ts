import {
  beginMessage,
  endMessage,
  NETLINK_ROUTE,
  NLM_F_ECHO,
  NSID,
  RTM_DELNSID,
  RTM_NEWNSID,
  RTNLGRP_NSID,
  Writer,
} from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import { hasListeners, multicast } from '../../net/multicast.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { Request } from '../../net/request.ts'

const out = new Writer(64)

/** A nsid message, complete. */
export function nsidMessage(
  type: number,
  flags: number,
  seq: number,
  portId: number,
  nsid: number,
  currentNsid?: number,
): Uint8Array {
  const mark = beginMessage(out.reset(), type, flags, seq, portId)
  out.u32(0)
  out.attrU32(NSID.ids.nsid, nsid)
  if (currentNsid !== undefined) out.attrU32(NSID.ids.currentNsid, currentNsid)
  endMessage(out, mark)
  return out.take()
}

/** Announces that an id was given out or taken back; an echo goes to whoever asked for it by the request's flag. */
export function notifyNsid(kernel: Core, ns: NetNamespace, event: 'new' | 'gone', nsid: number, req?: Request): void {
  const requester = req && (req.flags & NLM_F_ECHO) !== 0 ? req.socket : undefined
  if (!requester && !hasListeners(kernel, ns, NETLINK_ROUTE, RTNLGRP_NSID)) return
  const type = event === 'new' ? RTM_NEWNSID : RTM_DELNSID
  const bytes = nsidMessage(type, 0, req?.seq ?? 0, req?.socket.portId ?? 0, nsid)
  multicast(kernel, ns, NETLINK_ROUTE, RTNLGRP_NSID, bytes, requester)
  requester?.deliver(bytes)
}
