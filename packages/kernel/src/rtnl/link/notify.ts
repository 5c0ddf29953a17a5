import { beginMessage, endMessage, NETLINK_ROUTE, NLM_F_ECHO, RTNLGRP_LINK, Writer } from '@netkit/netlink'
import type { LinkNotice } from '../../net/announcer.ts'
import type { Core } from '../../net/core.ts'
import { takeDatagram } from '../../net/datagrams.ts'
import type { Device } from '../../net/device.ts'
import { hasListeners, multicast } from '../../net/multicast.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import { nsidFor } from '../../net/nsid.ts'
import type { Request } from '../../net/request.ts'
import { writeLinkMessage } from './message.ts'

const out = new Writer(2048)

/** A link message ready to be sent. */
export interface BuiltNotice {
  readonly ns: NetNamespace
  readonly bytes: Uint8Array | undefined
  readonly req: Request | undefined
}

/** Builds a notification. Even unheard it gives the link's namespace an id where it has none, as it would be shown. */
export function buildLinkNotice(kernel: Core, dev: Device, type: number, notice: LinkNotice): BuiltNotice {
  const { ns } = dev
  const echo = notice.req !== undefined && (notice.req.flags & NLM_F_ECHO) !== 0 ? notice.req : undefined
  const { linkNs } = dev
  if (!echo && !hasListeners(kernel, ns, NETLINK_ROUTE, RTNLGRP_LINK)) {
    if (linkNs !== ns) nsidFor(kernel, ns, linkNs)
    return { ns, bytes: undefined, req: undefined }
  }
  // The id's own notification goes out first, and needs a buffer of its own.
  if (linkNs !== ns) nsidFor(kernel, ns, linkNs)
  const mark = beginMessage(out.reset(), type, 0, echo?.seq ?? 0, echo?.socket.portId ?? 0)
  writeLinkMessage(out, dev, {
    type,
    change: notice.change,
    extMask: 0,
    event: notice.event,
    newNetnsid: notice.newNetnsid,
    newIfindex: notice.newIfindex,
    kernel,
    reader: ns,
  })
  endMessage(out, mark)
  return { ns, bytes: takeDatagram(out), req: echo }
}

/** Sends what was built: to the group, and to the requester if it asked for an echo. */
export function sendLinkNotice(kernel: Core, { ns, bytes, req }: BuiltNotice): void {
  if (!bytes) return
  // The echo goes to whoever has the requester's port id in the namespace of the device.
  const requester = req && ns.ports.get(NETLINK_ROUTE)?.get(req.socket.portId)
  multicast(kernel, ns, NETLINK_ROUTE, RTNLGRP_LINK, bytes, requester)
  requester?.deliver(bytes)
}
