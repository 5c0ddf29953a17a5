import type { PacketBatch } from '../packet/batch.ts'
import * as layout from '../packet/fields.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_DEVICE, PKT_SHIFT } = layout

/** Entries that fit: one more than netdev_max_backlog of Linux, 1000. */
const BACKLOG_LIMIT = 1001
const RING = 1024
const MASK = RING - 1

/** Packets that wait to be received, in order, whatever device they are for. */
export class Backlog {
  private readonly ring = new Int32Array(RING)
  private head = 0
  private tail = 0

  get length(): number {
    return this.tail - this.head
  }

  /** False if it is full. */
  push(handle: number): boolean {
    if (this.tail - this.head >= BACKLOG_LIMIT) return false
    this.ring[this.tail & MASK] = handle
    this.tail = (this.tail + 1) | 0
    return true
  }

  /** Takes the first packet, and those right behind it that are for the same device, as many as fit into an empty batch. The
   *  number of the device; 0 if no packet waits. */
  take(fields: Int32Array, batch: PacketBatch): number {
    const { ring, tail } = this
    let { head } = this
    if (head === tail) return 0
    const { handles } = batch
    const number = fields[(ring[head & MASK] << PKT_SHIFT) + PKT_DEVICE]
    let count = 0
    do {
      const handle = ring[head & MASK]
      if (fields[(handle << PKT_SHIFT) + PKT_DEVICE] !== number) break
      handles[count++] = handle
      head = (head + 1) | 0
    } while (head !== tail && count < handles.length)
    this.head = head
    batch.count = count
    return number
  }

  /** Takes the first packet; there must be one. */
  shift(): number {
    const handle = this.ring[this.head & MASK]
    this.head = (this.head + 1) | 0
    return handle
  }
}
