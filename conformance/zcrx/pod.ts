import { COPY, Kernel, openDoors } from '@netkit/kernel'
import { AF_INET, type StreamHandle } from '@netkit/netlink'
import { connect, type Kernel as Sdk, type ZcrxOptions, type ZcrxReceiver } from 'netkit'

/** Where the lease of the pod's queue is: on the pair's peer, or on a single device that comes and goes. */
export type LeaseAt = 'peer' | 'single'

const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const LEASED_QUEUE = 3
const POD_PORT = 7000
/** Packets to this port of the pod go to the NIC's first queue. */
export const OTHER_PORT = 7001

/** `struct sockaddr_in` */
export const inet = (address: string, port: number): Uint8Array =>
  Uint8Array.of(2, 0, port >> 8, port & 0xff, ...address.split('.').map(Number), 0, 0, 0, 0, 0, 0, 0, 0)

/**
 * A host with a NIC, a pod behind a pair, and a machine at the other end of the NIC's cable. Packets to port 7000 of the pod go to
 * the NIC's last queue, which splits headers from payload and can be leased. Nothing is left to chance.
 */
export class Pod implements AsyncDisposable {
  readonly kernel: Kernel
  readonly sdk: Sdk
  /** How the pair's traffic gets there does not depend on where the lease is. */
  readonly leaseAt: LeaseAt

  private constructor(kernel: Kernel, sdk: Sdk, leaseAt: LeaseAt) {
    this.kernel = kernel
    this.sdk = sdk
    this.leaseAt = leaseAt
  }

  static async make(leaseAt: LeaseAt, mtu = 1500, kernel = new Kernel()): Promise<Pod> {
    const sdk = await connect(async () => openDoors(kernel, kernel.createProcess()))
    const pod = new Pod(kernel, sdk, leaseAt)
    await pod.#machines(mtu)
    await pod.#steer()
    return pod
  }

  async #machines(mtu: number): Promise<void> {
    const { sdk } = this
    for (const name of ['pod', 'far']) await sdk.namespaces.create(name)
    const near = await sdk.nics.add({ name: 'eth0', queues: LEASED_QUEUE + 1 })
    await sdk.nics.add({ name: 'eth0', in: 'far', wire: { kind: 'nic', id: near.id } })
    const data = { peer: { name: 'nk1', namespace: 'pod', numRxQueues: 4 } }
    await sdk.devices.addPair({ kind: 'netkit', name: 'nk0', ...data })
    for (const [device, where, address] of [
      ['eth0', undefined, '10.9.0.1/24'],
      ['eth0', 'far', '10.9.0.2/24'],
      ['nk0', undefined, '10.1.0.1/24'],
      ['nk1', 'pod', '10.1.0.2/24'],
    ] as const) {
      await sdk.devices.set(device, { mtu, up: true }, { in: where })
      await sdk.addresses.add(device, { address, in: where })
    }
    await sdk.sysctl.set('net.ipv4.ip_forward', 1)
    await sdk.routes.add({ dst: '10.1.0.0/24', via: '10.9.0.1', in: 'far' })
    await sdk.routes.add({ dst: '10.9.0.0/24', via: '10.1.0.1', in: 'pod' })
  }

  async #steer(): Promise<void> {
    const { ethtool } = this.sdk
    await ethtool.rings.set('eth0', { tcpDataSplit: 'enabled', hdsThresh: 0 })
    for (const [dstPort, queue] of [
      [POD_PORT, LEASED_QUEUE],
      [OTHER_PORT, 0],
    ]) {
      const match = { dstIp: '10.1.0.2', dstPort }
      await ethtool.rules.add('eth0', { flow: 'tcp4', match, action: { queue } })
    }
  }

  /** Device that has the lease, in the pod. */
  get lessee(): string {
    return this.leaseAt === 'peer' ? 'nk1' : 'nk2'
  }

  /** Leases the queue; a single device is made for it. */
  async lease(): Promise<void> {
    const { sdk, lessee } = this
    if (this.leaseAt === 'single') {
      await sdk.devices.add({ kind: 'netkit', name: lessee, in: 'pod', numRxQueues: 4, data: { pairing: 'single' } })
      await sdk.devices.set(lessee, { up: true }, { in: 'pod' })
    }
    await sdk.leases.add({ lessee: { device: lessee, in: 'pod' }, lessor: { device: 'eth0' }, queue: LEASED_QUEUE })
  }

  open(options: ZcrxOptions = {}): Promise<ZcrxReceiver> {
    return this.sdk.zcrx.open({ device: this.lessee, queue: 1, in: 'pod', ...options })
  }

  /** A connection from far away to the pod: what the pod has, and what is far. */
  async connect(port = POD_PORT): Promise<{ near: StreamHandle; far: StreamHandle }> {
    const { doors } = this.sdk
    const { streams, namespaces } = doors
    if (!streams) throw new Error('there are no streams')
    const pod = await namespaces.open({ name: 'pod' })
    const away = await namespaces.open({ name: 'far' })
    const listener = await streams.socket(AF_INET, 0, pod)
    await listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, Uint8Array.of(1, 0, 0, 0))
    await listener.bind(inet('0.0.0.0', port))
    await listener.listen(1)
    const far = await streams.socket(AF_INET, 0, away)
    const accepting = listener.accept()
    await far.connect(inet('10.1.0.2', port))
    const near = await accepting
    await listener.close()
    await pod.close()
    await away.close()
    return { near, far }
  }

  /** Bytes of packets that were copied so far, by reason; what a NIC's DMA writes is not among them. */
  copies(): Record<string, number> {
    const { bytes } = this.kernel.path.packets.memory.copies
    return Object.fromEntries(Object.entries(COPY).map(([reason, n]) => [reason, bytes[n]]))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.sdk.close()
  }
}

/** What the kernel does with a range of packet memory, byte by byte, until `stop`: instruments every way to copy. */
export class MemoryLog {
  /** For each byte how often the NIC wrote it, and how often it was copied from or to by anyone else. */
  readonly dma: Uint32Array
  readonly copied: Uint32Array
  readonly stop: () => void

  constructor(kernel: Kernel, offset: number, length: number) {
    this.dma = new Uint32Array(length)
    this.copied = new Uint32Array(length)
    const { memory } = kernel.path.packets
    const note = (start: number, count: number, reason: number): void => {
      const counts = reason === COPY.wireIn ? this.dma : this.copied
      const end = Math.min(start + count, offset + length)
      for (let at = Math.max(start, offset); at < end; at++) counts[at - offset]++
    }
    const { copyIn, copyOut, move, copyArrayIn } = memory
    memory.copyIn = (to, from, at, count, reason) => {
      note(to, count, reason)
      copyIn.call(memory, to, from, at, count, reason)
    }
    memory.copyOut = (to, at, from, count, reason) => {
      note(from, count, reason)
      copyOut.call(memory, to, at, from, count, reason)
    }
    memory.move = (to, from, count, reason) => {
      note(to, count, reason)
      note(from, count, reason)
      move.call(memory, to, from, count, reason)
    }
    memory.copyArrayIn = (to, bytes, reason) => {
      note(to, bytes.length, reason)
      copyArrayIn.call(memory, to, bytes, reason)
    }
    this.stop = () => Object.assign(memory, { copyIn, copyOut, move, copyArrayIn })
  }
}
