import { Kernel, type NetlinkSocket, type NetNamespace, type Process, simulatedWorld } from '@netkit/kernel'
import { NETLINK_ROUTE, NLMSG_ERROR } from '@netkit/netlink'

/** A client of an embedded kernel: bytes in, bytes out, in process. */
export class Client {
  readonly kernel: Kernel
  readonly process: Process
  readonly socket: NetlinkSocket

  constructor(
    kernel = new Kernel({ world: simulatedWorld(1) }),
    protocol = NETLINK_ROUTE,
    ns: NetNamespace = kernel.initialNs,
  ) {
    this.kernel = kernel
    this.process = kernel.createProcess({ ns })
    this.socket = kernel.openSocket({
      protocol,
      ns,
      process: this.process,
      extAck: true,
      strict: true,
      receiveBuffer: 1 << 24,
    })
  }

  /** Sends a request and reads all answers. Returns the bytes read; throws if it was refused. */
  ask(request: Uint8Array): number {
    const { socket } = this
    socket.send(request)
    let size = 0
    for (let answer = socket.receive(); answer !== undefined; answer = socket.receive()) {
      const { bytes } = answer
      size += bytes.length
      if (bytes[4] === NLMSG_ERROR && bytes[5] === 0 && (bytes[16] | bytes[17]) !== 0) {
        throw new Error(`refused: ${(bytes[16] | (bytes[17] << 8)) - 0x10000}`)
      }
    }
    return size
  }

  /** A socket that hears all link notifications of the namespace. */
  monitor(group: number): NetlinkSocket {
    const { kernel, process, socket } = this
    const monitor = kernel.openSocket({ protocol: socket.protocol, ns: socket.ns, process, receiveBuffer: 1 << 24 })
    if (monitor.join(group) !== 0) throw new Error(`no group ${group}`)
    return monitor
  }
}

/** Reads all that waits on a socket; returns how many datagrams. */
export function drain(socket: NetlinkSocket): number {
  let count = 0
  while (socket.receive() !== undefined) count++
  return count
}
