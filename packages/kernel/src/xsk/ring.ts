import { XDP_ADDRESS_BYTES, XDP_DESC_BYTES, XDP_RING, XDP_RING_NEED_WAKEUP } from '@netkit/netlink'
import type { PacketMemory, Region } from '../packet/memory.ts'

/** Words from the start of a ring. */
const PRODUCER = XDP_RING.producer >> 2
const CONSUMER = XDP_RING.consumer >> 2
const FLAGS = XDP_RING.flags >> 2
const ENTRIES = XDP_RING.entries >> 2
/** Words of a descriptor: address low and high, length, options. */
const LENGTH = 2
const OPTIONS = 3

const ADDRESS_SHIFT = 1
const DESC_SHIFT = 2

/**
 * The kernel's end of a ring that it shares with an application. Both indices run freely over 32 bits; what the application writes is
 * taken as it comes, and never leads outside of the ring. Source: spec 03 §5.1.
 */
abstract class Ring {
  readonly region: Region
  readonly entries: number
  protected readonly memory: PacketMemory
  /** Word where the ring begins in packet memory. */
  protected readonly at: number
  protected readonly mask: number

  constructor(memory: PacketMemory, region: Region, entries: number) {
    this.memory = memory
    this.region = region
    this.at = region.offset >> 2
    this.entries = entries
    this.mask = entries - 1
  }

  set needWakeup(on: boolean) {
    const { i32 } = this.memory
    if (on) i32[this.at + FLAGS] |= XDP_RING_NEED_WAKEUP
    else i32[this.at + FLAGS] &= ~XDP_RING_NEED_WAKEUP
  }

  /** Wakes threads that wait for an index to change. */
  protected wake(index: number): void {
    if (this.memory.shared) Atomics.notify(this.memory.i32, this.at + index)
  }
}

/** A ring that the application fills: fill ring, TX ring. */
export class ConsumedRing extends Ring {
  /** As far as the kernel knows the application has come, and what it has taken itself. */
  #produced = 0
  #consumed = 0
  /** What was taken is not published before `release`. */
  #published = 0
  readonly #shift: number

  constructor(memory: PacketMemory, region: Region, entries: number, descriptors: boolean) {
    super(memory, region, entries)
    this.#shift = descriptors ? DESC_SHIFT : ADDRESS_SHIFT
  }

  /** Entries that wait: at least `wanted` if there are so many. */
  available(wanted: number): number {
    let count = (this.#produced - this.#consumed) | 0
    if (count >= wanted) return count
    this.#produced = Atomics.load(this.memory.i32, this.at + PRODUCER)
    count = (this.#produced - this.#consumed) | 0
    return count < 0 ? this.entries : Math.min(count, this.entries)
  }

  /** The `n`th entry that waits: word of packet memory where it is. */
  entry(n: number): number {
    return this.at + ENTRIES + (((this.#consumed + n) & this.mask) << this.#shift)
  }

  take(count: number): void {
    this.#consumed = (this.#consumed + count) | 0
  }

  /** Lets the application write where entries were taken. */
  release(): void {
    if (this.#published === this.#consumed) return
    this.#published = this.#consumed
    Atomics.store(this.memory.i32, this.at + CONSUMER, this.#consumed)
    this.wake(CONSUMER)
  }
}

/** A ring that the kernel fills: RX ring, completion ring. */
export class ProducedRing extends Ring {
  #produced = 0
  #published = 0
  #consumed = 0
  readonly #shift: number

  constructor(memory: PacketMemory, region: Region, entries: number, descriptors: boolean) {
    super(memory, region, entries)
    this.#shift = descriptors ? DESC_SHIFT : ADDRESS_SHIFT
  }

  /** Entries that there is room for: at least `wanted` if there is. */
  room(wanted: number): number {
    const room = (this.entries - (this.#produced - this.#consumed)) | 0
    if (room >= wanted) return room
    this.#consumed = Atomics.load(this.memory.i32, this.at + CONSUMER)
    const now = (this.entries - (this.#produced - this.#consumed)) | 0
    return now < 0 ? 0 : Math.min(now, this.entries)
  }

  /** Entries that the application has not taken, published ones only. */
  get waiting(): number {
    return (this.#published - Atomics.load(this.memory.i32, this.at + CONSUMER)) | 0
  }

  /** There is room. */
  putDescriptor(low: number, high: number, length: number, options: number): void {
    const { i32 } = this.memory
    const word = this.at + ENTRIES + ((this.#produced & this.mask) << this.#shift)
    i32[word] = low
    i32[word + 1] = high
    i32[word + LENGTH] = length
    i32[word + OPTIONS] = options
    this.#produced = (this.#produced + 1) | 0
  }

  putAddress(low: number, high: number): void {
    const { i32 } = this.memory
    const word = this.at + ENTRIES + ((this.#produced & this.mask) << this.#shift)
    i32[word] = low
    i32[word + 1] = high
    this.#produced = (this.#produced + 1) | 0
  }

  /** Shows the application what was put in; whether there was anything. */
  publish(): boolean {
    if (this.#published === this.#produced) return false
    this.#published = this.#produced
    Atomics.store(this.memory.i32, this.at + PRODUCER, this.#produced)
    this.wake(PRODUCER)
    return true
  }
}

/** Bytes of the memory of a ring, without the rest of its last page. */
export const ringBytes = (entries: number, descriptors: boolean): number =>
  XDP_RING.entries + entries * (descriptors ? XDP_DESC_BYTES : XDP_ADDRESS_BYTES)
