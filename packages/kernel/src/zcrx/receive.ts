import { errno, IORING_CQE_F_MORE } from '@netkit/netlink'
import type { SpanVisitor } from '../ip/tcp/receive-queue.ts'
import { COPY } from '../packet/copy-reason.ts'
import type { PacketMemory } from '../packet/memory.ts'
import { areaWord } from './areas.ts'
import type { CompletionRing } from './completion-ring.ts'
import type { ZcrxInstance } from './instance.ts'

/** Packets that one attempt looks at, and bytes of a completion that was copied. Source: spec 03 §3.3. */
const MOST_PACKETS = 21
const COPY_BYTES = 4096

const NO_BUDGET = 0xffffffff

/** One look at what a socket has received: hands bufs over and copies the rest. Used again and again, so that nothing is allocated. */
export class ReceiveAttempt implements SpanVisitor {
  /** Bytes that were handed over. */
  bytes = 0
  /** Negative errno of what stopped it; 0. */
  error = 0
  /** It stopped at the bound on packets. */
  stopped = false
  readonly #memory: PacketMemory
  #instance!: ZcrxInstance
  #ring!: CompletionRing
  #userLow = 0
  #userHigh = 0
  #budget = 0
  #packets = 0
  #last = -1

  constructor(memory: PacketMemory) {
    this.#memory = memory
  }

  /** @param budget bytes at most; 0: no bound. */
  begin(instance: ZcrxInstance, ring: CompletionRing, userLow: number, userHigh: number, budget: number): void {
    this.#instance = instance
    this.#ring = ring
    this.#userLow = userLow
    this.#userHigh = userHigh
    this.#budget = budget === 0 ? NO_BUDGET : budget
    this.#packets = 0
    this.#last = -1
    this.bytes = 0
    this.error = 0
    this.stopped = false
  }

  linear(handle: number, offset: number, length: number): boolean {
    if (!this.#visit(handle)) return false
    this.#copy(offset, Math.min(length, this.#budget - this.bytes))
    return this.#goesOn()
  }

  fragment(handle: number, owner: number, cookie: number, offset: number, length: number): boolean {
    if (!this.#visit(handle)) return false
    const part = Math.min(length, this.#budget - this.bytes)
    const { bufs } = this.#instance
    if (owner === bufs.fragmentOwner) this.#handOver(cookie, offset, part)
    else {
      const copied = this.#copy(offset, part)
      if (copied > 0) this.#instance.events.copied(copied)
    }
    return this.#goesOn()
  }

  #goesOn(): boolean {
    return this.error === 0 && this.bytes < this.#budget
  }

  /** Counts packets; false at the one that is too many. */
  #visit(handle: number): boolean {
    if (handle === this.#last) return true
    if (this.#packets === MOST_PACKETS) {
      this.stopped = true
      return false
    }
    this.#packets++
    this.#last = handle
    return true
  }

  #handOver(buf: number, offset: number, length: number): void {
    const { areas, bufs } = this.#instance
    const area = areas.areaOf(buf)
    if (area < 0) {
      this.error = -errno.EFAULT
      return
    }
    if (!this.#post(length, offset - areas.list[area].bufs.offset, areaWord(area))) return
    bufs.poolRefs[buf]++
    bufs.userRefs[buf]++
    this.bytes += length
  }

  /** Copies bytes into free bufs; how many. */
  #copy(offset: number, length: number): number {
    const { areas, bufs } = this.#instance
    let done = 0
    while (done < length) {
      const buf = areas.take()
      if (buf < 0) {
        this.error = -errno.ENOMEM
        break
      }
      const part = Math.min(length - done, COPY_BYTES)
      const area = areas.areaOf(buf)
      const to = bufs.offset(buf)
      this.#memory.move(to, offset + done, part, COPY.fallback)
      if (!this.#post(part, to - areas.list[area].bufs.offset, areaWord(area))) {
        areas.giveBack(buf)
        break
      }
      bufs.poolRefs[buf] = 1
      bufs.userRefs[buf]++
      done += part
    }
    this.bytes += done
    return done
  }

  #post(length: number, offset: number, high: number): boolean {
    if (this.#ring.post(this.#userLow, this.#userHigh, length, IORING_CQE_F_MORE, offset, high)) return true
    this.error = -errno.ENOSPC
    return false
  }
}
