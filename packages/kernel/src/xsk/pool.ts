import { errno, XDP_PACKET_HEADROOM } from '@netkit/netlink'
import type { Device } from '../net/device.ts'
import type { PacketPath } from '../net/path.ts'
import type { XskPool } from '../net/xsk.ts'
import type { PacketBatch } from '../packet/batch.ts'
import * as layout from '../packet/fields.ts'
import type { FragmentOwner } from '../packet/fragments.ts'
import type { Packets } from '../packet/packets.ts'
import type { BufferPool, ForeignBuffers } from '../packet/pool.ts'
import { Completions } from './completions.ts'
import { TxDescriptor } from './descriptor.ts'
import { fetchPackets } from './fetch.ts'
import { Injections } from './injections.ts'
import type { ConsumedRing, ProducedRing } from './ring.ts'
import type { Umem } from './umem.ts'

const { PKT_BUFFER, PKT_DATA, PKT_SHIFT } = layout
const LOW_48_HIGH = 0xffff
const TWO32 = 0x1_0000_0000

/** Who sends from a pool. */
export interface Sender {
  readonly tx: ConsumedRing | undefined
  invalidTx: number
  emptyTx: number
}

/** What a pool is made of. */
export interface PoolParts {
  readonly umem: Umem
  readonly fill: ConsumedRing
  readonly completion: ProducedRing
  readonly device: Device
  readonly queue: number
  /** Nanoseconds, for timestamps. */
  readonly now: () => bigint
}

/** The chunks of a UMEM on one queue, with the rings by which they come and go. Source: spec 03 §5. */
export class Pool implements XskPool, FragmentOwner {
  readonly umem: Umem
  readonly fill: ConsumedRing
  readonly completion: ProducedRing
  readonly completions: Completions
  readonly device: Device
  readonly queue: number
  readonly headroom: number
  readonly frameSize: number
  zeroCopy = false
  multiBuffer = false
  /** Wishes of the sockets: that the rings say when the kernel has to be woken. */
  usesWakeup = false
  /** Times that the fill ring was empty when a buffer was wanted. */
  emptyFill = 0
  readonly senders: Sender[] = []
  /** What programs have put on its way to the application. */
  readonly injections = new Injections()
  /** Whose turn it is to send. */
  turn = 0
  readonly descriptor = new TxDescriptor()
  readonly now: () => bigint
  readonly #buffers: BufferPool
  readonly #packets: Packets
  readonly #fragmentOwner: number
  readonly #mine: ForeignBuffers
  /** Buffers that came back unused, and of unaligned chunks numbers that stand for none. */
  readonly #free: Int32Array
  #freeCount = 0
  readonly #idle: Int32Array
  #idleCount = 0
  #users = 0
  /** Of aligned chunks, which are powers of two. */
  readonly #chunkShift: number

  constructor(packets: Packets, parts: PoolParts) {
    const { umem } = parts
    this.umem = umem
    this.fill = parts.fill
    this.completion = parts.completion
    this.device = parts.device
    this.queue = parts.queue
    this.now = parts.now
    this.headroom = XDP_PACKET_HEADROOM + umem.headroom
    this.frameSize = umem.frameSize
    this.#chunkShift = 31 - Math.clz32(umem.chunkSize)
    this.#packets = packets
    this.#buffers = packets.buffers
    this.completions = new Completions(parts.completion, packets.buffers, umem.chunkSize)
    this.#mine = packets.buffers.addForeign(umem.chunks, umem.chunkSize, (buffer) => {
      this.#free[this.#freeCount++] = buffer
    })
    this.#fragmentOwner = packets.fragments.addOwner(this)
    this.#free = new Int32Array(umem.chunks)
    this.#idle = new Int32Array(umem.unaligned ? umem.chunks : 0)
    for (; this.#idleCount < this.#idle.length; this.#idleCount++) {
      this.#idle[this.#idleCount] = this.#mine.first + this.#idleCount
    }
    umem.hold()
  }

  /** Number of the pool as owner of fragments, which are its buffers. */
  get fragmentOwner(): number {
    return this.#fragmentOwner
  }

  retain(buffer: number): void {
    this.#buffers.retain(buffer)
  }

  /** Of a fragment; one that was handed over with its packet is the application's. */
  release(buffer: number): void {
    if (this.#buffers.references(buffer) > 0) this.#buffers.release(buffer)
  }

  allocate(): number {
    if (this.#freeCount > 0) {
      const buffer = this.#free[--this.#freeCount]
      this.#buffers.place(buffer, this.#buffers.offset(buffer))
      return buffer
    }
    const { fill, umem } = this
    const { i32 } = this.#packets.memory
    while (fill.available(1) > 0) {
      const word = fill.entry(0)
      const low = i32[word]
      const high = i32[word + 1]
      fill.take(1)
      const buffer = umem.unaligned ? this.#placeAnywhere(low, high) : this.#placeChunk(low, high)
      if (buffer >= 0) return buffer
    }
    this.emptyFill++
    return -1
  }

  /** Whether `count` buffers can be had now. */
  canAllocate(count: number): boolean {
    if (this.#freeCount + this.fill.available(count - this.#freeCount) >= count) return true
    this.emptyFill++
    return false
  }

  /** Fill addresses are rounded down to their chunk; those beyond the end, or of a chunk that the kernel has already, are skipped. */
  #placeChunk(low: number, high: number): number {
    const { umem } = this
    if (high !== 0 || low < 0 || low >= umem.size) return -1
    const chunk = low >>> this.#chunkShift
    const buffer = this.#mine.first + chunk
    if (this.#buffers.references(buffer) > 0) return -1
    this.#buffers.place(buffer, umem.offset + (chunk << this.#chunkShift))
    return buffer
  }

  #placeAnywhere(low: number, high: number): number {
    const { umem } = this
    const base = (high & LOW_48_HIGH) * TWO32 + (low >>> 0)
    if (base + umem.chunkSize > umem.size || this.#idleCount === 0) return -1
    const buffer = this.#idle[--this.#idleCount]
    this.#buffers.place(buffer, umem.offset + base)
    return buffer
  }

  owns(buffer: number): boolean {
    return buffer >= this.#mine.first && buffer < this.#mine.first + this.#mine.count
  }

  /** Low and high word of what the application calls data at `offset` in packet memory, in `buffer`. */
  lowAddress(buffer: number, offset: number): number {
    return (this.umem.unaligned ? this.#buffers.offset(buffer) : offset) - this.umem.offset
  }

  highAddress(buffer: number, offset: number): number {
    return this.umem.unaligned ? (offset - this.#buffers.offset(buffer)) << 16 : 0
  }

  /** The application has a buffer from now on. */
  handOver(buffer: number): void {
    this.#buffers.takeFrom(buffer)
    if (this.umem.unaligned) this.#idle[this.#idleCount++] = buffer
  }

  fetch(path: PacketPath, batch: PacketBatch, budget: number): number {
    const fetched = fetchPackets(this, path.packets, batch, budget)
    if (fetched > 0) this.device.driver.xsk?.filter?.(path, this, batch)
    return fetched
  }

  widen({ table }: Packets, handle: number): void {
    const { umem } = this
    if (umem.unaligned) return
    const i = handle << PKT_SHIFT
    const into = table.fields[i + PKT_DATA] - umem.metadataLength - umem.offset
    const chunk = umem.offset + into - (into % umem.chunkSize) + umem.metadataLength
    table.fields[i + PKT_BUFFER] = this.completions.widen(table.fields[i + PKT_BUFFER], chunk)
  }

  narrow({ table }: Packets, handle: number): void {
    if (this.umem.unaligned) return
    const i = handle << PKT_SHIFT
    table.fields[i + PKT_BUFFER] = this.completions.narrow(table.fields[i + PKT_BUFFER], table.fields[i + PKT_DATA])
  }

  sent(): void {
    this.completions.flush()
    for (const { tx } of this.senders) tx?.release()
  }

  disconnected(): void {
    this.zeroCopy = false
  }

  addUser(): void {
    this.#users++
  }

  /** Whether that was the last one. */
  removeUser(): boolean {
    return --this.#users === 0
  }

  /** Nobody reads or writes its rings any more. Its memory goes when nothing of it is on a wire, or in anybody's hands. */
  destroy(): void {
    this.completions.end(() =>
      this.#buffers.removeForeign(this.#mine, () => {
        this.#packets.fragments.removeOwner(this.#fragmentOwner)
        this.umem.release()
      }),
    )
  }
}

/** ENOMEM without room for the numbers of its buffers. */
export function makePool(packets: Packets, parts: PoolParts): Pool | number {
  try {
    return new Pool(packets, parts)
  } catch (error) {
    if (error instanceof RangeError) return -errno.ENOMEM
    throw error
  }
}
