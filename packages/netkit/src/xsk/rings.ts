import { errno } from '@netkit/netlink'
import type { FrameBatch } from './batch.ts'
import { FreeChunks } from './chunks.ts'
import type { XskLayout } from './layout.ts'
import { PuttingView, TakingView, type Words } from './ring-view.ts'

/** How a thread wakes the kernel: 0 or a negative errno. */
export interface Wakeup {
  send(): number
  receive(): number
  /** Blocks the thread until something was received or `timeout` ms have passed; absent: the kernel notifies the ring's memory. */
  wait?(timeout: number): void
}

/**
 * The data path of an AF_XDP socket: batches in and out, without a call of the kernel where it needs none, and without an allocation.
 * Chunks go round by themselves: from the pile of free ones to the fill ring and back by {@link release}, or to the TX ring by
 * {@link send} and back when they were sent. Used by one thread, which may be a worker: `new XskRings(layout)`.
 */
export class XskRings {
  readonly layout: XskLayout
  readonly free: FreeChunks
  readonly #words: Words
  #bytes: Uint8Array
  readonly #rx: TakingView | undefined
  readonly #tx: PuttingView | undefined
  readonly #fill: PuttingView | undefined
  readonly #completion: TakingView | undefined
  readonly #wakeup: Wakeup

  /** `free`: the pile of a socket whose UMEM this one shares. Default: a pile of all chunks. */
  constructor(layout: XskLayout, wakeup?: Wakeup, free?: FreeChunks) {
    this.layout = layout
    this.free = free ?? new FreeChunks(layout.size, layout.chunkSize, layout.free)
    const { memory, rx, tx, fill, completion } = layout
    const words = { i32: new Int32Array(memory.buffer) }
    this.#words = words
    this.#bytes = new Uint8Array(memory.buffer, layout.umem, layout.size)
    this.#rx = rx && new TakingView(words, rx)
    this.#tx = tx && new PuttingView(words, tx)
    this.#fill = fill && new PuttingView(words, fill)
    this.#completion = completion && new TakingView(words, completion)
    this.#wakeup = wakeup ?? doorbell(words, layout.doorbell)
  }

  /** The UMEM: a frame's data are at `offsets[n]`. Ask again after waiting, unless the memory is shared. */
  get umem(): Uint8Array {
    if (this.#bytes.length === 0) this.#renew()
    return this.#bytes
  }

  #renew(): void {
    const { memory, umem, size } = this.layout
    this.#words.i32 = new Int32Array(memory.buffer)
    this.#bytes = new Uint8Array(memory.buffer, umem, size)
  }

  /** Gives free chunks to the kernel to receive into, as many as it takes; how many. */
  refill(): number {
    const fill = this.#fill
    if (fill === undefined) return 0
    if (this.#words.i32.length === 0) this.#renew()
    const { free } = this
    const wanted = free.count
    if (wanted === 0) return 0
    const count = Math.min(fill.room(wanted), wanted)
    const { i32 } = this.#words
    for (let n = 0; n < count; n++) {
      const word = fill.first + (((fill.index + n) & fill.mask) << 1)
      i32[word] = free.take()
      i32[word + 1] = 0
    }
    if (count > 0) fill.publish(count)
    return count
  }

  /** Fills the batch with frames that were received, their chunks the application's until {@link release} or {@link send}; how many. */
  receive(batch: FrameBatch): number {
    const rx = this.#rx
    batch.count = 0
    if (rx === undefined) return 0
    this.refill()
    const count = Math.min(rx.available, batch.capacity)
    if (count === 0) {
      if (this.#fill?.needsWakeup === true) this.#wakeup.receive()
      return 0
    }
    const { i32 } = this.#words
    const { offsets, lengths, options, chunks } = batch
    const { unaligned, chunkSize } = this.layout
    const inChunk = chunkSize - 1
    for (let n = 0; n < count; n++) {
      const word = rx.first + (((rx.index + n) & rx.mask) << 2)
      const low = i32[word] >>> 0
      offsets[n] = unaligned ? low + (i32[word + 1] >>> 16) : low
      chunks[n] = unaligned ? low : (low & ~inChunk) >>> 0
      lengths[n] = i32[word + 2]
      options[n] = i32[word + 3]
    }
    rx.release(count)
    batch.count = count
    return count
  }

  /** Gives back the chunks of a batch, whose data are not needed any more, and empties it. */
  release(batch: FrameBatch): void {
    const { free } = this
    const { chunks, count } = batch
    for (let n = 0; n < count; n++) free.give(chunks[n])
    batch.count = 0
  }

  /** Fills the batch with up to `count` free chunks to be written to, offsets at their start, lengths 0; how many there are. */
  allocate(batch: FrameBatch, count = batch.capacity): number {
    const { free } = this
    if (free.count < count) this.reap()
    const most = Math.min(count, batch.capacity, free.count)
    for (let n = 0; n < most; n++) {
      const chunk = free.take()
      batch.chunks[n] = chunk
      batch.offsets[n] = chunk
      batch.lengths[n] = 0
      batch.options[n] = 0
    }
    batch.count = most
    return most
  }

  /**
   * Sends the frames of a batch and wakes the kernel if it has to be. Returns how many the ring took, from the first on; the rest stays
   * in the batch.
   */
  send(batch: FrameBatch): number {
    const tx = this.#tx
    if (tx === undefined) return 0
    this.reap()
    const count = Math.min(tx.room(batch.count), batch.count)
    const { i32 } = this.#words
    const { offsets, lengths, options, chunks } = batch
    const { unaligned } = this.layout
    for (let n = 0; n < count; n++) {
      const word = tx.first + (((tx.index + n) & tx.mask) << 2)
      i32[word] = unaligned ? chunks[n] : offsets[n]
      i32[word + 1] = unaligned ? (offsets[n] - chunks[n]) << 16 : 0
      i32[word + 2] = lengths[n]
      i32[word + 3] = options[n]
    }
    if (count > 0) tx.publish(count)
    keepRest(batch, count)
    this.kick()
    return count
  }

  /**
   * Wakes the kernel to send, if it has to be, until it has taken all that it can: 0 or a negative errno. EAGAIN: the rest has to wait,
   * for memory or room in the completion ring; call again.
   */
  kick(): number {
    const tx = this.#tx
    if (tx === undefined || !tx.needsWakeup) return 0
    // In copy mode a call sends a bounded number of packets.
    while (true) {
      const before = tx.consumed
      const result = this.#wakeup.send()
      if (result !== -errno.EAGAIN || tx.consumed === before) return result
    }
  }

  /** Takes back chunks that were sent; how many. */
  reap(): number {
    const completion = this.#completion
    if (completion === undefined) return 0
    if (this.#words.i32.length === 0) this.#renew()
    const { i32 } = this.#words
    const { free } = this
    const count = completion.available
    if (count === 0) return 0
    const { unaligned, chunkSize } = this.layout
    const inChunk = chunkSize - 1
    for (let n = 0; n < count; n++) {
      const word = completion.first + (((completion.index + n) & completion.mask) << 1)
      free.give(unaligned ? i32[word] >>> 0 : (i32[word] & ~inChunk) >>> 0)
    }
    completion.release(count)
    return count
  }

  /** Blocks the thread until something was received or `timeout` ms have passed: for workers. */
  waitReadable(timeout: number): void {
    const rx = this.#rx
    if (rx === undefined || rx.available > 0) return
    if (this.#wakeup.wait) this.#wakeup.wait(timeout)
    else rx.wait(timeout)
  }
}

/** Moves what was not sent to the front. */
function keepRest(batch: FrameBatch, sent: number): void {
  const { offsets, lengths, options, chunks, count } = batch
  for (let n = sent; n < count; n++) {
    offsets[n - sent] = offsets[n]
    lengths[n - sent] = lengths[n]
    options[n - sent] = options[n]
    chunks[n - sent] = chunks[n]
  }
  batch.count = count - sent
}

/** Rings at the thread that has the socket. */
function doorbell(words: Words, word: number | undefined): Wakeup {
  const ring = (): number => {
    if (word === undefined) return 0
    Atomics.add(words.i32, word, 1)
    Atomics.notify(words.i32, word)
    return 0
  }
  return { send: ring, receive: ring }
}
