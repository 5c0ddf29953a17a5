import type { MapMemory } from '@netkit/bpf'
import type { ProgramSocket } from '../../net/program-sockets.ts'

/** `struct bpf_sock`, by offset. */
const SOCK = {
  BOUND_DEV: 0,
  FAMILY: 4,
  TYPE: 8,
  PROTOCOL: 12,
  MARK: 16,
  PRIORITY: 20,
  SRC_IP4: 24,
  SRC_IP6: 28,
  SRC_PORT: 44,
  DST_PORT: 48,
  DST_IP4: 52,
  DST_IP6: 56,
  STATE: 72,
  RX_QUEUE: 76,
} as const
/** Where the `struct bpf_tcp_sock` of a socket of TCP lies in its block. */
const TCP_AT = 80
const BLOCK_BYTES = TCP_AT + 112
const SLAB = 64

const AF_INET = 2
const AF_INET6 = 10
const SOCK_STREAM = 1
const SOCK_DGRAM = 2
const PROTO_TCP = 6
const PROTO_UDP = 17
const ESTABLISHED = 1
const CLOSED = 7
const NO_QUEUE = -1

/** Sockets that programs hold, each as a `struct bpf_sock` in program memory. The verifier sees to it that none stays held. */
export class SocketBlocks {
  readonly #memory: MapMemory
  readonly #free: number[] = []
  readonly #held = new Map<number, ProgramSocket>()

  constructor(memory: MapMemory) {
    this.#memory = memory
  }

  /** Address of a block about the socket; 0 without memory. */
  take(socket: ProgramSocket): number {
    if (this.#free.length === 0) this.#grow()
    const at = this.#free.pop() ?? 0
    if (at === 0) return 0
    this.#held.set(at, socket)
    write(this.#memory, at, socket)
    return at
  }

  /** The socket that an address is of, in either form. */
  at(address: number): ProgramSocket | undefined {
    return this.#held.get(address) ?? this.#held.get(address - TCP_AT)
  }

  /** Address of what is told of a socket as one of TCP, by its own address. */
  streamAt(address: number): number {
    return this.#held.has(address) ? address + TCP_AT : address
  }

  release(address: number): void {
    const block = this.#held.has(address) ? address : address - TCP_AT
    if (this.#held.delete(block)) this.#free.push(block)
  }

  #grow(): void {
    const start = this.#memory.reserve(BLOCK_BYTES * SLAB)
    if (start === 0) return
    for (let n = SLAB - 1; n >= 0; n--) this.#free.push(start + n * BLOCK_BYTES)
  }
}

function write({ view }: MapMemory, at: number, socket: ProgramSocket): void {
  const isTcp = socket.state !== undefined
  const isBare = socket.family !== undefined
  view.setUint32(at + SOCK.BOUND_DEV, socket.device, true)
  view.setUint32(at + SOCK.FAMILY, socket.family ?? (socket.v6 ? AF_INET6 : AF_INET), true)
  view.setUint32(at + SOCK.TYPE, isBare ? 0 : isTcp ? SOCK_STREAM : SOCK_DGRAM, true)
  view.setUint32(at + SOCK.PROTOCOL, isBare ? 0 : isTcp ? PROTO_TCP : PROTO_UDP, true)
  view.setUint32(at + SOCK.MARK, socket.mark, true)
  view.setUint32(at + SOCK.PRIORITY, socket.priority, true)
  writeAddress(view, at + SOCK.SRC_IP4, at + SOCK.SRC_IP6, socket.v6, socket.local)
  view.setUint32(at + SOCK.SRC_PORT, socket.port, true)
  view.setUint32(at + SOCK.DST_PORT, 0, true)
  view.setUint16(at + SOCK.DST_PORT, socket.remotePort)
  writeAddress(view, at + SOCK.DST_IP4, at + SOCK.DST_IP6, socket.v6, socket.remote)
  view.setUint32(at + SOCK.STATE, socket.state ?? (socket.connected ? ESTABLISHED : CLOSED), true)
  view.setInt32(at + SOCK.RX_QUEUE, NO_QUEUE, true)
}

/** Both forms: a socket of IPv6 has an IPv4 address only where that is mapped, one of IPv4 none of IPv6. */
function writeAddress(view: DataView, at4: number, at6: number, v6: boolean, words: Int32Array): void {
  const isMapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff
  view.setInt32(at4, isMapped ? words[3] : 0)
  for (let n = 0; n < 4; n++) view.setInt32(at6 + 4 * n, v6 ? words[n] : 0)
}
