import { endMessage, GENL_HDRLEN, type GenlCommand, NETLINK_GENERIC, NLMSG_HDRLEN, Writer } from '@netkit/netlink'
import type { Core } from '../net/core.ts'
import { hasListeners, multicast } from '../net/multicast.ts'
import type { NetNamespace } from '../net/namespace.ts'
import { beginGenl, type Registered } from './call.ts'

const out = new Writer(1024)

/** Sends a notification of a family to one of its groups, by its name, if anyone hears it. */
export function notify(
  kernel: Core,
  ns: NetNamespace,
  registered: Registered,
  group: string,
  command: GenlCommand,
  seq: number,
  fill: (w: Writer) => void,
): void {
  const { id, family, groups } = registered
  const number = groups[family.groups.indexOf(group)]
  if (!hasListeners(kernel, ns, NETLINK_GENERIC, number)) return
  const mark = beginGenl(out.reset(), { id, version: family.version }, command.id, 0, seq, 0)
  fill(out)
  kernel.release.trim(out, mark + NLMSG_HDRLEN + GENL_HDRLEN, command.attrs)
  endMessage(out, mark)
  multicast(kernel, ns, NETLINK_GENERIC, number, out.take())
}
