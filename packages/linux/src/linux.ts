import { release } from 'node:os'
import {
  type KernelDoors,
  type KernelProvider,
  type NamespaceHandle,
  type NetlinkSocketOptions,
  refused,
} from '@netkit/netlink'
import { type Calls, calls } from './ffi/calls.ts'
import { Receiver } from './ffi/receiver.ts'
import { isNetworkNamespace, LinuxNamespace, openNamespace } from './namespaces/handle.ts'
import { createNamespace, listNamespaces, removeNamespace } from './namespaces/named.ts'
import { inNamespace } from './namespaces/switch.ts'
import { openSocket } from './netlink/open.ts'
import { LinuxNetlinkDoor } from './netlink/socket.ts'

/**
 * The kernel of this machine, for `connect`. Each connection has its own sockets and open namespaces, and closes them when
 * it is closed. Rejects with NoLinuxError where there is none that it can call: no Linux, another architecture than x64
 * and arm64, or koffi left out.
 *
 *     await using kernel = await connect(linux())
 */
export const linux = (): KernelProvider => async () => openDoors(await calls())

let receiver: Receiver | undefined

function openDoors(c: Calls): KernelDoors {
  const open = new Set<AsyncDisposable & { close(): Promise<void> }>()
  const forget = (one: LinuxNetlinkDoor | LinuxNamespace) => open.delete(one)
  const close = async () => {
    await Promise.all([...open].map((one) => one.close()))
  }
  receiver ??= new Receiver(c)
  const received = receiver
  return {
    kind: 'linux',
    release: release(),
    async netlink(o) {
      const { fd, portId } = socketIn(c, o)
      const door = new LinuxNetlinkDoor(c, received, fd, portId, forget)
      open.add(door)
      return door
    },
    namespaces: {
      create: async (name) => createNamespace(c, name),
      remove: async (name) => removeNamespace(c, name),
      list: async () => listNamespaces(),
      async open(ref) {
        const handle = new LinuxNamespace(openNamespace(c, ref), forget)
        open.add(handle)
        return handle
      },
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function socketIn(c: Calls, o: NetlinkSocketOptions): ReturnType<typeof openSocket> {
  if (!o.namespace) return openSocket(c, o)
  const op = 'open a netlink socket in a namespace'
  assertOpen(c, o.namespace, op)
  return inNamespace(c, o.namespace.fd, op, () => openSocket(c, o))
}

function assertOpen(c: Calls, namespace: NamespaceHandle, op: string): void {
  const closed = namespace instanceof LinuxNamespace && namespace.isClosed
  if (closed || !isNetworkNamespace(c, namespace.fd)) throw refused(op, 'EBADF', 'no namespace is open there')
}
