import {
  IO_URING_CQE,
  IORING_CQE_F_32,
  IORING_CQE_F_SKIP,
  IORING_SETUP_CQE_MIXED,
  IORING_SETUP_CQE32,
  IORING_SQ_CQ_OVERFLOW,
} from '@netkit/netlink'
import type { PacketMemory } from '../packet/memory.ts'

/** Where the words of both rings are, in bytes from the beginning of their memory, as Linux 7.3 lays them out. */
export const RINGS = {
  sqHead: 0,
  sqTail: 4,
  cqHead: 8,
  cqTail: 12,
  sqMask: 16,
  cqMask: 20,
  sqEntries: 24,
  cqEntries: 28,
  sqDropped: 32,
  sqFlags: 36,
  cqFlags: 40,
  cqOverflow: 44,
  cqes: 64,
} as const

const OVERFLOW_WORDS = 4
const DEFAULT_OVERFLOW = 64

/** The completions that an application reads. Words of 64 bits come in halves. */
export class CompletionRing {
  readonly #memory: PacketMemory
  /** Word index of the rings in packet memory. */
  readonly #base: number
  readonly #mask: number
  /** Words of a slot, as a shift; whether a completion of 32 bytes takes two slots. */
  readonly #slotShift: number
  readonly #mixed: boolean
  #tail = 0
  /** Completions that found no room, oldest first: user data, result, flags. */
  #overflow = new Int32Array(DEFAULT_OVERFLOW * OVERFLOW_WORDS)
  #overflowed = 0

  constructor(memory: PacketMemory, offset: number, entries: number, flags: number) {
    this.#memory = memory
    this.#base = offset >> 2
    this.#mask = entries - 1
    this.#slotShift = (flags & IORING_SETUP_CQE32) !== 0 ? 3 : 2
    this.#mixed = (flags & IORING_SETUP_CQE_MIXED) !== 0
  }

  /** Completions that wait for the application. */
  get waiting(): number {
    return (this.#tail - this.#memory.i32[this.#base + (RINGS.cqHead >> 2)]) >>> 0
  }

  /** A completion with its second half. False, and nothing happened, without room. */
  post(userLow: number, userHigh: number, res: number, flags: number, offLow: number, offHigh: number): boolean {
    if (this.#overflowed > 0) return false
    const at = this.#mixed ? this.#takeTwo() : this.#take()
    if (at < 0) return false
    const { i32 } = this.#memory
    write(i32, at, userLow, userHigh, res, this.#mixed ? flags | IORING_CQE_F_32 : flags)
    writeHalf(i32, at, offLow, offHigh)
    this.#publish(i32)
    return true
  }

  /** A completion that is never lost: it waits where there is no room. */
  finish(userLow: number, userHigh: number, res: number, flags: number): void {
    const at = this.#overflowed > 0 ? -1 : this.#take()
    if (at < 0) {
      this.#keep(userLow, userHigh, res, flags)
      return
    }
    const { i32 } = this.#memory
    write(i32, at, userLow, userHigh, res, flags)
    if (!this.#mixed && this.#slotShift === 3) writeHalf(i32, at, 0, 0)
    this.#publish(i32)
  }

  /** Moves what has overflowed to where there is room now. */
  flush(): void {
    const waiting = this.#overflowed
    if (waiting === 0) return
    const kept = this.#overflow.slice(0, waiting * OVERFLOW_WORDS)
    this.#overflowed = 0
    for (let n = 0; n < waiting; n++) {
      const i = n * OVERFLOW_WORDS
      this.finish(kept[i], kept[i + 1], kept[i + 2], kept[i + 3])
    }
    if (this.#overflowed === 0) this.#setFlag(false)
  }

  /** Word index of the next slot, which is taken; -1 without room. */
  #take(): number {
    const i32 = this.#memory.i32
    const head = Atomics.load(i32, this.#base + (RINGS.cqHead >> 2))
    if ((this.#tail - head) >>> 0 > this.#mask) return -1
    return this.#slot(this.#tail++)
  }

  /** Two slots beside each other; one that is skipped fills the end of the ring. */
  #takeTwo(): number {
    const i32 = this.#memory.i32
    const head = Atomics.load(i32, this.#base + (RINGS.cqHead >> 2))
    const atEnd = (this.#tail & this.#mask) === this.#mask
    const room = this.#mask + 1 - ((this.#tail - head) >>> 0)
    if (room < (atEnd ? 3 : 2)) return -1
    if (atEnd) write(i32, this.#slot(this.#tail++), 0, 0, 0, IORING_CQE_F_SKIP)
    const at = this.#slot(this.#tail)
    this.#tail += 2
    return at
  }

  #slot(position: number): number {
    return this.#base + (RINGS.cqes >> 2) + ((position & this.#mask) << this.#slotShift)
  }

  #publish(i32: Int32Array): void {
    Atomics.store(i32, this.#base + (RINGS.cqTail >> 2), this.#tail)
  }

  #keep(userLow: number, userHigh: number, res: number, flags: number): void {
    const i = this.#overflowed++ * OVERFLOW_WORDS
    if (i === this.#overflow.length) {
      const larger = new Int32Array(this.#overflow.length * 2)
      larger.set(this.#overflow)
      this.#overflow = larger
    }
    this.#overflow[i] = userLow
    this.#overflow[i + 1] = userHigh
    this.#overflow[i + 2] = res
    this.#overflow[i + 3] = flags
    this.#setFlag(true)
  }

  #setFlag(on: boolean): void {
    const { i32 } = this.#memory
    const at = this.#base + (RINGS.sqFlags >> 2)
    if (on) Atomics.or(i32, at, IORING_SQ_CQ_OVERFLOW)
    else Atomics.and(i32, at, ~IORING_SQ_CQ_OVERFLOW)
  }
}

function write(i32: Int32Array, at: number, userLow: number, userHigh: number, res: number, flags: number): void {
  i32[at] = userLow
  i32[at + 1] = userHigh
  i32[at + (IO_URING_CQE.res >> 2)] = res
  i32[at + (IO_URING_CQE.flags >> 2)] = flags
}

function writeHalf(i32: Int32Array, at: number, offLow: number, offHigh: number): void {
  i32[at + (IO_URING_CQE.off >> 2)] = offLow
  i32[at + (IO_URING_CQE.off >> 2) + 1] = offHigh
  i32[at + (IO_URING_CQE.pad >> 2)] = 0
  i32[at + (IO_URING_CQE.pad >> 2) + 1] = 0
}
