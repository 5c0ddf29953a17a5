import {
  AF_XDP,
  KernelError,
  type MappedMemory,
  type NamespaceHandle,
  SOCK_RAW,
  SOCKADDR_XDP,
  SOL_XDP,
  XDP_OPTION,
  XDP_UMEM_REG,
  type XskHandle,
} from '@netkit/netlink'
import type { Kernel } from 'netkit'

/** What a call comes to: the name of the error, or what it returns. */
export type Outcome = string | number

export const RINGS = {
  rx: XDP_OPTION.rxRing,
  tx: XDP_OPTION.txRing,
  fill: XDP_OPTION.umemFillRing,
  completion: XDP_OPTION.umemCompletionRing,
} as const
type Ring = keyof typeof RINGS

export interface UmemWish {
  readonly bytes?: number
  readonly addr?: number
  readonly len?: number
  readonly chunkSize?: number
  readonly headroom?: number
  readonly flags?: number
  readonly metadata?: number
}

export interface BindWish {
  readonly length?: number
  readonly family?: number
  readonly flags?: number
  readonly dev?: string
  readonly ifindex?: number
  readonly queue?: number
  readonly fd?: number
}

const UMEM_BYTES = 65536
const MOST_TRIES = 400

/** Sockets in a namespace with veth pairs, and what they answer. */
export class XskLab {
  readonly kernel: Kernel
  /** Whether it tries again where a queue is still in use. */
  patient = false
  readonly #namespace: NamespaceHandle
  readonly #ifindexes: ReadonlyMap<string, number>
  readonly #sockets: XskHandle[] = []
  readonly #memory: MappedMemory[] = []

  constructor(kernel: Kernel, namespace: NamespaceHandle, ifindexes: ReadonlyMap<string, number>) {
    this.kernel = kernel
    this.#namespace = namespace
    this.#ifindexes = ifindexes
  }

  try(call: () => unknown): Outcome {
    try {
      const result = call()
      return typeof result === 'number' ? result : 0
    } catch (error) {
      if (error instanceof KernelError) return error.code
      throw error
    }
  }

  open(type = SOCK_RAW, protocol = 0): XskHandle {
    const { xsk } = this.kernel.doors
    if (!xsk) throw new Error('no door')
    const socket = xsk.socket(type, protocol, this.#namespace)
    this.#sockets.push(socket)
    return socket
  }

  /** A socket with some rings. */
  with(...rings: Ring[]): XskHandle {
    const socket = this.open()
    for (const ring of rings) this.ring(socket, ring, 16)
    return socket
  }

  /** A socket with rings and a UMEM. */
  ready(...rings: Ring[]): XskHandle {
    const socket = this.with('fill', 'completion', ...rings)
    this.umem(socket)
    return socket
  }

  bound(wish: BindWish = {}, ...rings: Ring[]): XskHandle {
    const socket = this.ready(...(rings.length > 0 ? rings : (['rx', 'tx'] as const)))
    this.bind(socket, wish)
    return socket
  }

  ring(socket: XskHandle, ring: Ring, entries: number, bytes = 4): void {
    const value = new Uint8Array(8)
    new DataView(value.buffer).setInt32(0, entries, true)
    socket.setsockopt(SOL_XDP, RINGS[ring], value.subarray(0, bytes))
  }

  umem(socket: XskHandle, wish: UmemWish = {}): void {
    const memory = this.kernel.doors.memory?.map(UMEM_BYTES)
    if (!memory) throw new Error('no door')
    this.#memory.push(memory)
    const { bytes = XDP_UMEM_REG.size, addr = 0, len = UMEM_BYTES } = wish
    const value = new Uint8Array(bytes)
    const view = new DataView(new ArrayBuffer(XDP_UMEM_REG.size))
    view.setBigUint64(XDP_UMEM_REG.addr, BigInt(memory.address + addr), true)
    view.setBigUint64(XDP_UMEM_REG.len, BigInt(len), true)
    view.setUint32(XDP_UMEM_REG.chunkSize, wish.chunkSize ?? 2048, true)
    view.setUint32(XDP_UMEM_REG.headroom, wish.headroom ?? 0, true)
    view.setUint32(XDP_UMEM_REG.flags, wish.flags ?? 0, true)
    view.setUint32(XDP_UMEM_REG.txMetadataLen, wish.metadata ?? 0, true)
    value.set(new Uint8Array(view.buffer).subarray(0, bytes))
    socket.setsockopt(SOL_XDP, XDP_OPTION.umemReg, value)
  }

  bind(socket: XskHandle, wish: BindWish = {}): void {
    const address = new Uint8Array(SOCKADDR_XDP.size)
    const view = new DataView(address.buffer)
    const ifindex = wish.ifindex ?? this.#ifindexes.get(wish.dev ?? 'v0')
    view.setUint16(SOCKADDR_XDP.family, wish.family ?? AF_XDP, true)
    view.setUint16(SOCKADDR_XDP.flags, wish.flags ?? 0, true)
    view.setUint32(SOCKADDR_XDP.ifindex, ifindex ?? 0, true)
    view.setUint32(SOCKADDR_XDP.queueId, wish.queue ?? 0, true)
    view.setInt32(SOCKADDR_XDP.sharedUmemFd, wish.fd ?? 0, true)
    this.#bindWhenFree(socket, address.subarray(0, wish.length ?? SOCKADDR_XDP.size))
  }

  /** Linux frees the queue of a socket some time after it was closed. */
  #bindWhenFree(socket: XskHandle, address: Uint8Array): void {
    for (let tries = this.patient ? MOST_TRIES : 1; ; tries--) {
      try {
        socket.bind(address)
        return
      } catch (error) {
        if (tries === 1 || !(error instanceof KernelError) || error.code !== 'EBUSY') throw error
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
      }
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.close()
    for (const memory of this.#memory) memory.unmap()
  }
}
