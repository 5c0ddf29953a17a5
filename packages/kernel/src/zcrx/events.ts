import { errno, ZCRX_EVENT_COPY, ZCRX_STATS } from '@netkit/netlink'
import type { PacketMemory } from '../packet/memory.ts'
import type { CompletionRing } from './completion-ring.ts'

/** What the application wants to be told of, and where. */
export interface EventOptions {
  readonly userLow: number
  readonly userHigh: number
  /** 1 << event, for each one. */
  readonly mask: number
  /** Where the counters are, in packet memory; 0: nowhere. */
  readonly stats: number
}

const EVENTS = ZCRX_EVENT_COPY + 1

/** Events and counters of an instance. An event is told once, and again after it was armed. Source: spec 03 §3.12 b. */
export class ZcrxEvents {
  readonly #memory: PacketMemory
  readonly #options: EventOptions | undefined
  #target: CompletionRing | undefined
  #wake: (() => void) | undefined
  #fired = 0

  constructor(memory: PacketMemory, options: EventOptions | undefined) {
    this.#memory = memory
    this.#options = options
  }

  /** From now on events go to a ring; `wake` tells that something came. */
  attach(ring: CompletionRing, wake: () => void): void {
    if (!this.#options || this.#options.mask === 0) return
    this.#target = ring
    this.#wake = wake
  }

  /** No events any more, if they went to this ring. */
  detach(ring: CompletionRing): void {
    if (this.#target === ring) this.#target = undefined
  }

  raise(event: number): void {
    const bit = 1 << event
    const options = this.#options
    if (!options || !this.#target || (options.mask & bit) === 0 || (this.#fired & bit) !== 0) return
    this.#fired |= bit
    this.#target.finish(options.userLow, options.userHigh, event, 0)
    this.#wake?.()
  }

  /** 0, or a negative errno: only what was told can be armed. */
  arm(event: number): number {
    const bit = 1 << event
    if (event >= EVENTS || (this.#fired & bit) === 0) return -errno.EINVAL
    this.#fired &= ~bit
    return 0
  }

  /** A fragment was copied. */
  copied(bytes: number): void {
    const at = this.#options?.stats ?? 0
    if (at !== 0) {
      add(this.#memory.i32, (at + ZCRX_STATS.copyCount) >> 2, 1)
      add(this.#memory.i32, (at + ZCRX_STATS.copyBytes) >> 2, bytes)
    }
    this.raise(ZCRX_EVENT_COPY)
  }
}

/** Adds to a counter of 64 bits. */
function add(i32: Int32Array, at: number, n: number): void {
  const before = i32[at] >>> 0
  i32[at] = before + n
  if (before + n > 0xffffffff) i32[at + 1]++
}
