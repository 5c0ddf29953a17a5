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

  /** The first packet, which stays; -1 if there is none. */
  peek(): number {
    return this.head === this.tail ? -1 : this.ring[this.head & MASK]
  }

  /** Takes the first packet; there must be one. */
  shift(): number {
    const handle = this.ring[this.head & MASK]
    this.head = (this.head + 1) | 0
    return handle
  }
}
