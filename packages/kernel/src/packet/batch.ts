/** Packets handed on together. Reused: whoever takes the packets over empties it. */
export class PacketBatch {
  /** The first `count` entries are packet handles in order; what follows is left over from before. Replaced by {@link reserve}. */
  handles: Int32Array
  count = 0

  /** @param capacity 1 or more, default 64: enough to spread the price of a hop, few enough to stay in the first cache. */
  constructor(capacity = 64) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`batch capacity is ${capacity}`)
    this.handles = new Int32Array(capacity)
  }

  get capacity(): number {
    return this.handles.length
  }

  get room(): number {
    return this.handles.length - this.count
  }

  /** Appends a handle. The caller has seen that there is room. */
  push(handle: number): void {
    this.handles[this.count++] = handle
  }

  /** Makes room for `count` packets altogether. */
  reserve(count: number): void {
    if (count <= this.handles.length) return
    const handles = new Int32Array(Math.max(count, this.handles.length * 2))
    handles.set(this.handles)
    this.handles = handles
  }

  clear(): void {
    this.count = 0
  }
}
