import type { PacketBatch } from '../packet/batch.ts'
import { byteViews } from '../packet/copy.ts'
import { COPY } from '../packet/copy-reason.ts'
import { DROP } from '../packet/drop-reason.ts'
import { bytesOf } from '../packet/edit.ts'
import { gatherFrame } from '../packet/gather.ts'
import type { Packets } from '../packet/packets.ts'
import type { WireFrame, WireSink, WireSource } from './wire.ts'

/** Frames that wait for the NIC, at most. */
export const INJECT_FRAMES = 1024

/** Frames come from a program, by {@link inject}. */
export class InjectSource implements WireSource {
  private readonly waiting: Uint8Array[] = []
  private readonly capacity: number
  private taken = 0
  private ready: (() => void) | undefined

  constructor(capacity = INJECT_FRAMES) {
    this.capacity = capacity
  }

  /** Puts frames on the wire, as many as there is room for; gives how many. Their bytes must stay as they are until the NIC has
   *  fetched them. */
  inject(frames: readonly Uint8Array[]): number {
    if (!this.ready) return 0
    const count = Math.min(frames.length, this.capacity - this.pending)
    for (let i = 0; i < count; i++) this.waiting.push(frames[i])
    if (count > 0) this.ready()
    return count
  }

  /** Frames that the NIC has not fetched yet. */
  get pending(): number {
    return this.waiting.length - this.taken
  }

  open(ready: () => void): void {
    this.ready = ready
  }

  next(frame: WireFrame): boolean {
    if (this.pending === 0) return false
    const bytes = this.waiting[this.taken++]
    if (this.taken >= this.capacity || this.pending === 0) {
      this.waiting.splice(0, this.taken)
      this.taken = 0
    }
    frame.handle = -1
    // Frames often are parts of one buffer.
    if (frame.bytes.u8.buffer !== bytes.buffer) frame.bytes = byteViews(bytes)
    frame.offset = bytes.byteOffset
    frame.length = bytes.length
    frame.originalLength = bytes.length
    frame.tsHi = 0
    frame.tsLo = 0
    return true
  }

  close(): void {
    this.ready = undefined
    this.waiting.length = 0
    this.taken = 0
  }
}

/** A function takes each frame, as an array of its own. */
export class FunctionSink implements WireSink {
  private readonly take: (frame: Uint8Array<ArrayBuffer>) => void

  constructor(take: (frame: Uint8Array<ArrayBuffer>) => void) {
    this.take = take
  }

  transmit(packets: Packets, batch: PacketBatch): void {
    for (let i = 0; i < batch.count; i++) {
      const handle = gatherFrame(packets, batch.handles[i])
      if (handle < 0) {
        packets.drop(batch.handles[i], DROP.NOMEM)
        continue
      }
      const bytes = bytesOf(packets, handle, COPY.wireOut)
      packets.free(handle)
      this.take(bytes)
    }
  }

  close(): void {
    // Nothing is held back.
  }
}
