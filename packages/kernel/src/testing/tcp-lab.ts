import type { ImpairmentOptions } from '@netkit/netlink'
import { connectWire, impair } from '../drivers/nic/port.ts'
import * as calls from '../ip/tcp/calls.ts'
import type { TcpContext } from '../ip/tcp/context.ts'
import type { TcpSocket } from '../ip/tcp/socket.ts'
import type { Device } from '../net/device.ts'
import type { NetNamespace } from '../net/namespace.ts'
import { PacketBatch } from '../packet/batch.ts'
import { COPY } from '../packet/copy-reason.ts'
import { cable } from '../wire/cable.ts'
import type { SimulatedWorld } from '../world.ts'
import { mapped, Network } from './network.ts'

const MS = 1_000_000n

/** The byte at a place of a stream: every place within a MiB has another neighbourhood. */
const byteAt = (place: number, key: number): number => (place ^ (place >>> 8) ^ (place >>> 16) ^ key) & 0xff

/** One direction of a connection: how much was written and read, and whether what was read is what was written. */
export class Direction {
  written = 0
  read = 0
  ended = false
  readonly total: number
  readonly #key: number

  constructor(total: number, key: number) {
    this.total = total
    this.#key = key
  }

  next(most: number): Uint8Array {
    const from = this.written
    const bytes = new Uint8Array(Math.min(most, this.total - from))
    for (let i = 0; i < bytes.length; i++) bytes[i] = byteAt(from + i, this.#key)
    return bytes
  }

  check(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] !== byteAt(this.read + i, this.#key)) throw new Error(`byte ${this.read + i} is wrong`)
    }
    this.read += bytes.length
  }

  get done(): boolean {
    return this.read === this.total && this.ended
  }
}

/** Two hosts at a cable, in a world in which time passes only when told to. */
export class TcpLab extends Network {
  readonly a: NetNamespace
  readonly b: NetNamespace
  readonly ends: readonly [Device, Device]

  constructor(seed = 1, { mtu = 1500 }: { readonly mtu?: number } = {}) {
    super(seed)
    this.a = this.namespace().ns
    this.b = this.namespace().ns
    const { nics } = this.kernel
    this.ends = [nics.plug({ ns: this.a, queues: 1, name: 'eth0' }), nics.plug({ ns: this.b, queues: 1, name: 'eth0' })]
    const [here, there] = cable()
    connectWire(this.kernel, this.ends[0], here)
    connectWire(this.kernel, this.ends[1], there)
    for (const [i, dev] of this.ends.entries()) {
      dev.mtu = mtu
      this.up(dev)
      this.address(dev, `10.0.0.${i + 1}/24`)
      this.address(dev, `fd00::${i + 1}/64`)
    }
  }

  get tcp(): TcpContext {
    return this.kernel.stack.tcp.context
  }

  get world(): SimulatedWorld {
    return this.kernel.world as SimulatedWorld
  }

  /** What both ends do to what they send. */
  impair(options: ImpairmentOptions): void {
    for (const [i, dev] of this.ends.entries())
      impair(this.kernel, dev, 'tx', { limit: 32_768, ...options, seed: (options.seed ?? 1) + i })
  }

  advance(ms: number): void {
    this.world.advance(BigInt(ms) * MS)
  }

  listen(port: number, { v6 = false, backlog = 8 } = {}): TcpSocket {
    const socket = this.tcp.make(this.b, v6, 0)
    this.tcp.table.bind(socket, port)
    const result = calls.listen(this.tcp, socket, backlog)
    if (result !== 0) throw new Error(`listen: ${result}`)
    return socket
  }

  connect(port: number, options: { readonly v6?: boolean; readonly to?: string } = {}): TcpSocket {
    const { v6 = false } = options
    const to = options.to ?? (v6 ? 'fd00::2' : '10.0.0.2')
    const socket = this.tcp.make(this.a, v6, 0)
    socket.remote.set(mapped(to))
    socket.remotePort = port
    const result = calls.connect(this.tcp, socket)
    if (result !== 0) throw new Error(`connect: ${result}`)
    this.flush()
    return socket
  }

  flush(): void {
    this.kernel.stack.tcp.flush()
  }

  /** A frame arrives at one end, as if the other had sent it. */
  override receive(dev: Device, ...frames: readonly Uint8Array[]): void {
    const { path } = this.kernel
    const from = dev === this.ends[0] ? this.ends[1] : this.ends[0]
    for (const frame of frames) {
      const batch = new PacketBatch(1)
      batch.push(path.packets.allocFromArray(frame, COPY.userIn))
      path.transmit(from, batch)
    }
  }

  /** Writes what there is room for, ends when all is written, reads what has come. */
  step(socket: TcpSocket, out: Direction, into: Direction): void {
    for (let bytes = out.next(65_536); bytes.length > 0; bytes = out.next(65_536)) {
      const done = calls.write(this.tcp, socket, bytes, 0)
      this.flush()
      if (done < 0) throw new Error(`write: ${done}`)
      if (done === 0) break
      out.written += done
    }
    if (out.written === out.total && !socket.sendShut) calls.shutdown(this.tcp, socket, false, true)
    while (socket.receiveQueue.bytes > 0) {
      const bytes = socket.receiveQueue.read(50_000)
      into.check(bytes ?? new Uint8Array())
      calls.consumed(this.tcp, socket, bytes?.length ?? 0)
      this.flush()
    }
    if (socket.finReceived) into.ended = true
    this.flush()
  }

  /** Runs until both directions have arrived; gives the milliseconds that took. */
  exchange(
    client: TcpSocket,
    server: TcpSocket,
    out: Direction,
    back: Direction,
    { most = 600_000, each = 5 } = {},
  ): number {
    const start = this.world.now()
    while (!(out.done && back.done)) {
      for (const socket of [client, server]) {
        if (socket.error !== 0) throw new Error(`socket ended with error ${socket.error}`)
      }
      this.step(client, out, back)
      this.step(server, back, out)
      if (out.done && back.done) break
      this.advance(each)
      const ms = Number((this.world.now() - start) / MS)
      if (ms > most)
        throw new Error(
          `after ${ms} ms only ${out.read} of ${out.total} and ${back.read} of ${back.total} have arrived`,
        )
    }
    return Number((this.world.now() - start) / MS)
  }

  /** Connects, and waits for the other end. */
  pairOf(
    port = 7,
    options: { readonly v6?: boolean } = {},
  ): { client: TcpSocket; server: TcpSocket; listener: TcpSocket } {
    const listener = this.listen(port, options)
    const client = this.connect(port, options)
    for (let n = 0; n < 20_000 && listener.accepted.length === 0; n++) this.advance(10)
    const server = listener.accepted.shift()
    if (!server) throw new Error('nobody came')
    server.parent = undefined
    return { client, server, listener }
  }

  close(...sockets: TcpSocket[]): void {
    for (const socket of sockets) calls.close(this.tcp, socket)
    this.flush()
  }
}
