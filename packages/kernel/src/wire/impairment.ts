import type { ImpairmentCounters, ImpairmentOptions } from '@netkit/netlink'
import { DROP } from '../packet/drop-reason.ts'
import { isShared, makeWritable } from '../packet/edit.ts'
import * as layout from '../packet/fields.ts'
import type { Packets } from '../packet/packets.ts'
import { type RandomState, randomFrom } from '../world.ts'
import { BurstChance, Chance, RANGE } from './chance.ts'
import { DueQueue } from './due-queue.ts'

const { FLAG_DAMAGED, PKT_DATA, PKT_LENGTH, PKT_LINEAR, PKT_SHIFT, PKT_STATE } = layout

const DEFAULT_LIMIT = 1000
const NS_PER_MS = 1e6
const NS_PER_S = 1e9
const BITS = 8

/** What a wire does to the frames of one direction. Times are nanoseconds from any moment on, as numbers. */
export class Impairment implements ImpairmentCounters {
  lost = 0
  duplicated = 0
  corrupted = 0
  reordered = 0
  overlimit = 0
  /** Whether frames take time, so that they wait here. */
  readonly holds: boolean
  readonly queue: DueQueue
  readonly #random: RandomState
  readonly #loss: Chance | BurstChance
  readonly #duplicate: Chance
  readonly #corrupt: Chance
  readonly #reorder: Chance
  readonly #gap: number
  readonly #delay: number
  readonly #jitter: number
  readonly #delayCorrelation: number
  readonly #nsPerByte: number
  /** Where in the jitter the last frame was, -1 to 1; frames since the last that overtook; when the wire is free again. */
  #deviation = 0
  #sinceGap = 0
  #free = 0

  constructor(o: ImpairmentOptions & { readonly seed: number }) {
    const random = randomFrom(o.seed)
    this.#random = random
    this.#loss =
      o.burst === undefined
        ? new Chance(random, o.loss, o.lossCorrelation)
        : new BurstChance(random, o.burst, o.burstEnd, o.burstLoss, o.calmLoss)
    this.#duplicate = new Chance(random, o.duplicate, o.duplicateCorrelation)
    this.#corrupt = new Chance(random, o.corrupt, o.corruptCorrelation)
    this.#reorder = new Chance(random, o.reorder, o.reorderCorrelation)
    this.#gap = o.gap ?? 1
    this.#delay = (o.delay ?? 0) * NS_PER_MS
    this.#jitter = (o.jitter ?? 0) * NS_PER_MS
    this.#delayCorrelation = o.delayCorrelation ?? 0
    this.#nsPerByte = o.rate === undefined ? 0 : (BITS * NS_PER_S) / o.rate
    this.holds = this.#delay > 0 || this.#jitter > 0 || this.#nsPerByte > 0
    this.queue = new DueQueue(this.holds ? (o.limit ?? DEFAULT_LIMIT) : 0)
  }

  get waiting(): number {
    return this.queue.count
  }

  /** Whether the next frame is lost. */
  loses(): boolean {
    if (!this.#loss.happens()) return false
    this.lost++
    return true
  }

  /** Whether the next frame comes twice. */
  doubles(): boolean {
    if (!this.#duplicate.happens()) return false
    this.duplicated++
    return true
  }

  /** Whether the next frame comes with a bit changed. */
  corrupts(): boolean {
    return this.#corrupt.happens()
  }

  /** Changes a bit of a packet's linear part, as far as it can be written to. */
  corrupt(packets: Packets, handle: number): void {
    const i = handle << PKT_SHIFT
    if (packets.fields[i + PKT_LINEAR] === 0) return
    if (isShared(packets, handle) && !makeWritable(packets, handle)) return
    const { fields, memory } = packets
    const bit = Math.floor((this.#random.next() / RANGE) * fields[i + PKT_LINEAR] * BITS)
    memory.u8[fields[i + PKT_DATA] + (bit >> 3)] ^= 1 << (bit & 7)
    fields[i + PKT_STATE] |= FLAG_DAMAGED
    this.corrupted++
  }

  /** Holds a packet back until it is due; drops it where there is no room. */
  hold(packets: Packets, handle: number, now: number): void {
    if (this.queue.full) {
      this.overlimit++
      packets.drop(handle, DROP.WIRE_LOST)
      return
    }
    this.queue.push(handle, this.#due(now, packets.fields[(handle << PKT_SHIFT) + PKT_LENGTH]))
  }

  /** When a frame arrives that begins its way now. */
  #due(now: number, length: number): number {
    if (++this.#sinceGap >= this.#gap && this.#reorder.happens()) {
      this.#sinceGap = 0
      this.reordered++
      return now
    }
    this.#free = Math.max(now, this.#free) + length * this.#nsPerByte
    if (this.#jitter === 0) return this.#free + this.#delay
    const fresh = (this.#random.next() / RANGE) * 2 - 1
    this.#deviation = this.#delayCorrelation * this.#deviation + (1 - this.#delayCorrelation) * fresh
    return this.#free + Math.max(0, this.#delay + this.#deviation * this.#jitter)
  }

  /** Drops all that waits. */
  clear(packets: Packets): void {
    while (this.queue.count > 0) packets.drop(this.queue.pop(), DROP.WIRE_LOST)
  }
}
