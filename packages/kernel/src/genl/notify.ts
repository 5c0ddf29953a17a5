import { endMessage, NETLINK_GENERIC, Writer } from '@netkit/netlink'
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
  command: number,
  seq: number,
  fill: (w: Writer) => void,
): void {
  const { id, family, groups } = registered
  const number = groups[family.groups.indexOf(group)]
  if (!hasListeners(kernel, ns, NETLINK_GENERIC, number)) return
  const mark = beginGenl(out.reset(), { id, version: family.version }, command, 0, seq, 0)
  fill(out)
  endMessage(out, mark)
  multicast(kernel, ns, NETLINK_GENERIC, number, out.take())
}
