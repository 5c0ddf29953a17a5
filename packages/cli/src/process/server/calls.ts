import { type NamespaceRef, refused } from '@netkit/netlink'
import { unpackList } from '../wire/attachments.ts'
import type { ArgumentReader } from './arguments.ts'
import { bpfCalls } from './bpf-calls.ts'
import { attached, type Call, type CallHandler, DONE, inNamespace, type Returned } from './call.ts'
import { hardwareCalls } from './hardware-calls.ts'
import { socketCalls } from './socket-calls.ts'
import { statusOf } from './status.ts'

function reference(args: ArgumentReader): NamespaceRef {
  if (args.raw('namespace') === 'current') return 'current'
  const ref = args.optionalObject('namespace')
  if (!ref) throw refused(args.op, 'EINVAL', "namespace: expected 'current', { name } or { pid }")
  return ref.has('pid') ? { pid: ref.integer('pid') } : { name: ref.string('name') }
}

function closeNamespace({ host, session, args }: Call): Returned {
  const fd = args.integer('fd')
  const file = session.process.files.get(fd)
  if (!file) throw refused(`close descriptor ${fd}`, 'EBADF')
  host.journal.release(file.type === 'netns' ? [file.netns] : [], () => session.process.closeFile(fd))
  return DONE
}

async function removeNamespace({ host, session, args }: Call): Promise<Returned> {
  const name = args.string('name')
  const ns = host.kernel.names.get(name)
  let removed: Promise<void> | undefined
  host.journal.release(ns ? [ns] : [], () => {
    removed = host.journal.change('namespace-remove', name, () => session.doors.namespaces.remove(name))
  })
  await removed
  return DONE
}

function demandRoot({ host, session, args }: Call): void {
  if (!host.kernel.mayAdminister(session.credentials)) throw refused(args.op, 'EPERM', 'CAP_SYS_ADMIN is required')
}

/** All calls, by name. Source: docs/protocol.md. */
export const CALLS: Readonly<Record<string, CallHandler>> = {
  ...hardwareCalls,
  ...bpfCalls,
  ...socketCalls,

  'kernel.status': ({ host }) => ({ value: statusOf(host) }),
  'kernel.stop': (call) => {
    demandRoot(call)
    call.host.stop({ discard: call.args.optionalBoolean('discard') ?? false })
    return DONE
  },

  'namespaces.create': async ({ host, session, args }) => {
    const name = args.string('name')
    await host.journal.change('namespace-add', name, () => session.doors.namespaces.create(name))
    return DONE
  },
  'namespaces.remove': removeNamespace,
  'namespaces.list': async ({ session }) => ({ value: { names: await session.doors.namespaces.list() } }),
  'namespaces.open': async ({ session, args }) => {
    const { fd, inode } = await session.doors.namespaces.open(reference(args))
    return { value: { fd, inode } }
  },
  'namespaces.close': closeNamespace,

  'packets.transmit': async (call) => {
    const door = call.session.doors.packets
    if (!door) throw refused(call.args.op, 'EOPNOTSUPP')
    const device = call.args.string('device')
    const frames = unpackList(attached(call))
    return { value: { taken: await inNamespace(call, ({ handle }) => door.transmit(device, frames, handle)) } }
  },
  'copies.read': async (call) => {
    const door = call.session.doors.copies
    if (!door) throw refused(call.args.op, 'EOPNOTSUPP')
    return { value: { counts: await inNamespace(call, ({ handle }) => door.read(handle)) } }
  },
  'sysctl.read': async (call) => {
    const door = call.session.doors.sysctl
    if (!door) throw refused(call.args.op, 'EOPNOTSUPP')
    const name = call.args.string('name')
    return { value: { value: await inNamespace(call, ({ handle }) => door.read(name, handle)) } }
  },
  'sysctl.write': async (call) => {
    const door = call.session.doors.sysctl
    if (!door) throw refused(call.args.op, 'EOPNOTSUPP')
    const name = call.args.string('name')
    const value = call.args.string('value')
    await inNamespace(call, ({ handle, ns }) =>
      call.host.journal.change('sysctl', [ns.inode, name, value], () => door.write(name, value, handle)),
    )
    return DONE
  },
  'ethtool.ioctl': async (call) => {
    const door = call.session.doors.ethtoolIoctl
    if (!door) throw refused(call.args.op, 'EOPNOTSUPP')
    const device = call.args.string('device')
    const command = attached(call)
    const result = await inNamespace(call, ({ handle, ns }) =>
      call.host.journal.change('ethtool', [ns.inode, device, [...command]], () =>
        door.ethtool(device, command, handle),
      ),
    )
    return { attachments: [result] }
  },
}
