import type {
  Capture,
  CaptureOptions,
  CopiesDoor,
  CopyCount,
  EthtoolIoctlDoor,
  PacketDoor,
  SysctlDoor,
} from '@netkit/netlink'
import { packList } from '../wire/attachments.ts'
import { FRAME } from '../wire/frames.ts'
import type { ClientConnection } from './connection.ts'
import { Inbox } from './inbox.ts'
import type { Remote } from './remote.ts'
import { namespaceArg } from './remote-namespaces.ts'

/** A capture that runs in the kernel process, on a connection of its own. */
function remoteCapture(connection: ClientConnection): Capture {
  const inbox = new Inbox<Uint8Array>(connection)
  connection.listen({
    onFrame(type, payload) {
      if (type === FRAME.chunk) inbox.put(payload, payload.length)
    },
    onEnd: (why) => inbox.end(why),
  })
  const close = () => connection.close()
  return { read: () => inbox, close, [Symbol.asyncDispose]: close }
}

export const remotePackets = (remote: Remote, connection: ClientConnection): PacketDoor => ({
  async capture({ namespace, ...options }: CaptureOptions = {}) {
    const capture = { ...options, namespace: namespaceArg(namespace) }
    return remoteCapture((await remote.connect({ door: 'capture', capture }))[0])
  },
  async transmit(device, frames, namespace) {
    const args = { device, namespace: namespaceArg(namespace) }
    return Number((await connection.call('packets.transmit', args, [packList(frames)])).value.taken)
  },
})

export const remoteCopies = (connection: ClientConnection): CopiesDoor => ({
  async read(namespace) {
    const { value } = await connection.call('copies.read', { namespace: namespaceArg(namespace) })
    return value.counts as readonly CopyCount[]
  },
})

export const remoteSysctl = (connection: ClientConnection): SysctlDoor => ({
  async read(name, namespace) {
    return String((await connection.call('sysctl.read', { name, namespace: namespaceArg(namespace) })).value.value)
  },
  async write(name, value, namespace) {
    await connection.call('sysctl.write', { name, value, namespace: namespaceArg(namespace) })
  },
})

export const remoteEthtool = (connection: ClientConnection): EthtoolIoctlDoor => ({
  async ethtool(device, command, namespace) {
    const args = { device, namespace: namespaceArg(namespace) }
    const { attachments } = await connection.call('ethtool.ioctl', args, [command])
    return attachments[0]
  },
})
