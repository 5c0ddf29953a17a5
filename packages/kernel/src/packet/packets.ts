import { BufferHomes } from './buffer-homes.ts'
import { BufTable } from './bufs.ts'
import type { ByteViews } from './copy.ts'
import type { CopyReason } from './copy-reason.ts'
import { DescriptorTable } from './descriptor.ts'
import { DropCounters } from './drop-reason.ts'
import * as layout from './fields.ts'
import { FragmentTable } from './fragments.ts'
import { PacketMemory, type PacketMemoryOptions } from './memory.ts'
import { BufferPool } from './pool.ts'

// Engines fold constants of the own module, not imported ones: half the time of a hop.
const {
  BUFFER_FREE,
  BUFFER_NONE,
  PKT_BUFFER,
  PKT_DATA,
  PKT_FRAGMENTS,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_REASON,
  PKT_SHIFT,
  PKT_WORDS,
} = layout

/** Bytes kept free before a packet unless more is asked for: room for any header that programs and tunnels push. */
const DEFAULT_HEADROOM = 256

export interface PacketsOptions extends PacketMemoryOptions {
  /** Most packets at once, default 32768. */
  capacity?: number
}

/** All packets of one kernel: their memory, buffers, descriptors, fragments and what became of them.
 *
 *  A packet has one holder at a time. Who is handed a handle frees it, drops it or hands it on. */
export class Packets {
  readonly memory: PacketMemory
  readonly buffers: BufferPool
  readonly table: DescriptorTable
  readonly fragments = new FragmentTable()
  /** The page pools that lend buffers and bufs to packets. */
  readonly homes = new BufferHomes()
  readonly bufs = new BufTable(this.fragments, this.homes)
  readonly drops = new DropCounters()

  constructor(options: PacketsOptions = {}) {
    this.memory = new PacketMemory(options)
    this.buffers = new BufferPool(this.memory, this.homes)
    this.table = new DescriptorTable(this.memory, options.capacity)
  }

  /** The descriptors' words, see fields.ts. Read again after anything that may allocate. */
  get fields(): Int32Array {
    return this.table.fields
  }

  /** A packet with an uninitialised linear part of `length` bytes and `headroom` bytes or more free before it. -1 when there
   *  is no memory or it is too long for one buffer. */
  alloc(length: number, headroom = DEFAULT_HEADROOM): number {
    return this.place(length, headroom, 0)
  }

  /** A packet with a copy of `length` bytes of `from`. Its data is placed so that the copy is fast: up to 7 bytes of headroom
   *  more than asked for. */
  allocFrom(from: ByteViews, offset: number, length: number, reason: CopyReason, headroom = DEFAULT_HEADROOM): number {
    const handle = this.place(length, headroom, offset)
    if (handle < 0) return handle
    this.memory.copyIn(this.table.fields[(handle << PKT_SHIFT) + PKT_DATA], from, offset, length, reason)
    return handle
  }

  /** As {@link allocFrom}, of a whole array. */
  allocFromArray(bytes: Uint8Array, reason: CopyReason, headroom = DEFAULT_HEADROOM): number {
    const handle = this.place(bytes.length, headroom, bytes.byteOffset)
    if (handle < 0) return handle
    this.memory.copyArrayIn(this.table.fields[(handle << PKT_SHIFT) + PKT_DATA], bytes, reason)
    return handle
  }

  /** A packet in a buffer that a page pool lends; its bytes are still to be written. -1 without descriptors. */
  allocIn(buffer: number, headroom: number, length: number): number {
    const handle = this.table.alloc()
    if (handle < 0) return -1
    this.buffers.lend(buffer)
    const fields = this.table.fields
    const i = handle << PKT_SHIFT
    fields[i + PKT_BUFFER] = buffer
    fields[i + PKT_DATA] = this.buffers.offset(buffer) + headroom
    fields[i + PKT_LENGTH] = length
    fields[i + PKT_LINEAR] = length
    return handle
  }

  /** `alignLike`: a number that the data's offset shall equal in its low 3 bits. */
  private place(length: number, headroom: number, alignLike: number): number {
    const padding = (alignLike - headroom) & 7
    const buffer = this.buffers.alloc(headroom + padding + length)
    if (buffer < 0) return -1
    const handle = this.table.alloc()
    if (handle < 0) {
      this.buffers.release(buffer)
      return -1
    }
    const fields = this.table.fields
    const i = handle << PKT_SHIFT
    fields[i + PKT_BUFFER] = buffer
    fields[i + PKT_DATA] = this.buffers.offset(buffer) + headroom + padding
    fields[i + PKT_LENGTH] = length
    fields[i + PKT_LINEAR] = length
    return handle
  }

  /** The packet has arrived, or is no longer wanted; not a drop. */
  free(handle: number): void {
    const fields = this.table.fields
    const i = handle << PKT_SHIFT
    const buffer = fields[i + PKT_BUFFER]
    const list = buffer === BUFFER_FREE ? 0 : fields[i + PKT_FRAGMENTS]
    // First the descriptor: it notices a double free before any count is wrong.
    this.table.free(handle)
    if (buffer >= 0) this.buffers.release(buffer)
    if (list !== 0) this.fragments.releaseList(list)
  }

  /** Counts the reason and frees the packet. Device counters are the device's business. */
  drop(handle: number, reason: number): void {
    this.table.fields[(handle << PKT_SHIFT) + PKT_REASON] = reason
    this.drops.count(reason)
    this.free(handle)
  }

  /** A second packet over the same bytes, with the same serial; neither may write to the linear part before it has made it
   *  its own (see edit.ts). -1 when there is no descriptor or fragment left. */
  clone(handle: number): number {
    const copy = this.table.alloc()
    if (copy < 0) return -1
    const fields = this.table.fields
    const from = handle << PKT_SHIFT
    const to = copy << PKT_SHIFT
    const list = fields[from + PKT_FRAGMENTS]
    const ownList = this.fragments.duplicate(list)
    if (list !== 0 && ownList === 0) {
      this.table.free(copy)
      return -1
    }
    for (let word = 0; word < PKT_WORDS; word++) fields[to + word] = fields[from + word]
    fields[to + PKT_REASON] = 0
    fields[to + PKT_FRAGMENTS] = ownList
    const buffer = fields[from + PKT_BUFFER]
    if (buffer !== BUFFER_NONE) this.buffers.retain(buffer)
    return copy
  }
}
