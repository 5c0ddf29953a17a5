import { type KernelDoors, refused } from '@netkit/netlink'
import type { Kernel } from '../kernel.ts'
import type { Process } from '../net/process.ts'
import { bpfDoor } from './bpf.ts'
import { copiesDoor } from './copies.ts'
import { ethtoolIoctlDoor } from './ethtool-ioctl.ts'
import { hardwareDoor } from './hardware.ts'
import { memoryDoor } from './memory.ts'
import { namespacesDoor } from './namespaces.ts'
import { EmbeddedNetlinkDoor } from './netlink.ts'
import { packetDoor } from './packets.ts'
import { socketsDoor } from './sockets.ts'
import { streamsDoor } from './streams.ts'
import { sysctlDoor } from './sysctl.ts'
import { xskDoor } from './xsk.ts'
import { zcrxDoor } from './zcrx.ts'

/** All doors of an embedded kernel for one client. Closing them ends the client. */
export function openDoors(kernel: Kernel, process: Process): KernelDoors {
  const sockets = new Set<EmbeddedNetlinkDoor>()
  const datagrams = socketsDoor(kernel, process)
  const streams = streamsDoor(kernel, process)
  const bpf = bpfDoor(kernel, process)
  const memory = memoryDoor(kernel.applicationMemory, process)
  const close = async (): Promise<void> => {
    await bpf.close()
    for (const socket of [...sockets]) await socket.close()
    await datagrams.close()
    await streams.close()
    if (kernel.processes.get(process.pid) === process) kernel.endProcess(process)
    memory.close()
  }
  return {
    kind: 'embedded',
    release: kernel.release.name,
    async netlink(o) {
      const file = o.namespace && process.files.get(o.namespace.fd)
      if (o.namespace && file?.type !== 'netns') {
        throw refused(`open a netlink socket in descriptor ${o.namespace.fd}`, 'EBADF', 'no namespace is open there')
      }
      const socket = kernel.openSocket({
        protocol: o.protocol,
        ns: file?.type === 'netns' ? file.netns : process.netns,
        process,
        portId: o.portId,
        extAck: o.extAck ?? true,
        capAck: o.capAck ?? false,
        strict: o.strict ?? true,
        receiveBuffer: o.receiveBuffer,
      })
      if (o.listenAllNsid) {
        if (!kernel.mayListenToAll(process.credentials, socket.ns)) {
          socket.close()
          throw refused('listen to all namespaces', 'EPERM', 'CAP_NET_BROADCAST is required')
        }
        kernel.setListenAllNsid(socket, true)
      }
      const door = new EmbeddedNetlinkDoor(socket, () => sockets.delete(door))
      sockets.add(door)
      return door
    },
    namespaces: namespacesDoor(kernel, process),
    bpf,
    ethtoolIoctl: ethtoolIoctlDoor(kernel, process),
    hardware: hardwareDoor(kernel, process),
    packets: packetDoor(kernel, process),
    copies: copiesDoor(kernel, process),
    inetSockets: datagrams,
    streams,
    sysctl: sysctlDoor(kernel, process),
    memory,
    zcrx: zcrxDoor(kernel, process),
    xsk: xskDoor(kernel, process),
    close,
    [Symbol.asyncDispose]: close,
  }
}
