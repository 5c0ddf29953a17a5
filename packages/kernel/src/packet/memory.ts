import { type ByteViews, copyBytes, LOOP_LIMIT } from './copy.ts'
import { type MemoryMoves, memoryMoves } from './copy-module.ts'
import { CopyMeter, type CopyReason } from './copy-reason.ts'
import { FreeSpans } from './spans.ts'

/** Bytes of a WebAssembly page, the unit in which memory grows. */
export const WASM_PAGE = 65536
/** No region starts below this offset, so that offset 0 stays the null pointer and small offsets from it stay invalid. */
export const NULL_GUARD = 4096

/** Bytes copied out at a time where they have to be realigned; a multiple of 8. */
const BOUNCE_BYTES = 4096

export interface PacketMemoryOptions {
  /** Bound in pages of 64 KiB, 1–32768, default 16384 (1 GiB). At most 2 GiB, so that any offset is a positive int32. */
  maximumPages?: number
  /** Whether other threads can map it. Default: where SharedArrayBuffer exists. */
  shared?: boolean
}

/** A piece of packet memory with one owner: a slab of frame buffers, a UMEM, an area, a program's stack. */
export interface Region {
  readonly name: string
  /** Byte offset in packet memory; also its address for a BPF program. */
  readonly offset: number
  readonly length: number
}

/** The one memory that holds every packet, and everything that packets or programs point into.
 *
 *  Nothing is allocated before the first region is reserved. The views are replaced when memory grows: read them from here
 *  each time, or at least again after a call that may reserve or allocate. */
export class PacketMemory implements ByteViews {
  u8: Uint8Array = new Uint8Array(0)
  i32: Int32Array = new Int32Array(0)
  readonly copies = new CopyMeter()
  readonly shared: boolean
  readonly maximumPages: number
  private instance: WebAssembly.Memory | undefined
  private moves: MemoryMoves | undefined
  private readonly free = new FreeSpans()
  private readonly listeners: ((buffer: ArrayBufferLike) => void)[] = []
  private readonly reserved = new Set<Region>()
  private bounce: Region | undefined
  /** Bytes from here on were never handed out, hence are zero. */
  private cleanFrom = 0

  constructor(options: PacketMemoryOptions = {}) {
    this.maximumPages = options.maximumPages ?? 16384
    if (!Number.isInteger(this.maximumPages) || this.maximumPages < 1 || this.maximumPages > 32768) {
      throw new RangeError(`maximumPages is ${this.maximumPages}; it must be 1 to 32768`)
    }
    this.shared = options.shared ?? typeof SharedArrayBuffer === 'function'
  }

  /** Size in bytes now; 0 until something is reserved. */
  get size(): number {
    return this.u8.length
  }

  get regions(): Iterable<Region> {
    return this.reserved
  }

  /** The memory itself, for modules that import it. Asking for it creates it, one page big. */
  get memory(): WebAssembly.Memory {
    if (this.instance) return this.instance
    const memory = new WebAssembly.Memory({ initial: 1, maximum: this.maximumPages, shared: this.shared })
    this.instance = memory
    this.moves = memoryMoves(memory, this.shared)
    this.refresh(memory)
    this.free.add(NULL_GUARD, WASM_PAGE - NULL_GUARD)
    return memory
  }

  /** Calls `listener` whenever the buffer was replaced, for those who keep a view of their region. Memory that is not shared
   *  takes the old buffer away. */
  onGrowth(listener: (buffer: ArrayBufferLike) => void): void {
    this.listeners.push(listener)
  }

  /** Reserves zeroed bytes at a multiple of `align` (a power of two, default 64, a cache line). Undefined when the bound
   *  does not allow it or the machine has no memory; nothing has changed then. */
  reserve(name: string, length: number, align = 64): Region | undefined {
    if (!Number.isInteger(length) || length < 1) throw new RangeError(`region ${name}: length is ${length}`)
    if (!Number.isInteger(align) || align < 1 || (align & (align - 1)) !== 0) {
      throw new RangeError(`region ${name}: alignment is ${align}; it must be a power of two`)
    }
    let offset = this.take(length, align)
    if (offset < 0 && this.grow(length, align)) offset = this.take(length, align)
    if (offset < 0) return undefined
    const dirty = Math.min(offset + length, this.cleanFrom) - offset
    if (dirty > 0) this.fill(offset, 0, dirty)
    this.cleanFrom = Math.max(this.cleanFrom, offset + length)
    const region = Object.freeze({ name, offset, length })
    this.reserved.add(region)
    return region
  }

  /** Gives a region back. The owner must have seen to it that nothing points there any more. */
  release(region: Region): void {
    if (!this.reserved.delete(region)) throw new Error(`region ${region.name} at ${region.offset} is not reserved`)
    this.free.add(region.offset, region.length)
  }

  /** Copies bytes from outside to offset `to`. The caller has checked both ranges. */
  copyIn(to: number, from: ByteViews, fromOffset: number, length: number, reason: CopyReason): void {
    copyBytes(this.u8, this.i32, to, from.u8, from.i32, fromOffset, length)
    this.copies.count(reason, length)
  }

  /** Copies a whole array to offset `to`: faster than {@link copyIn} for an array that exists anyway. */
  copyArrayIn(to: number, bytes: Uint8Array, reason: CopyReason): void {
    this.u8.set(bytes, to)
    this.copies.count(reason, bytes.length)
  }

  /** Copies bytes at offset `from` to a buffer outside. The caller has checked both ranges. */
  copyOut(to: ByteViews, toOffset: number, from: number, length: number, reason: CopyReason): void {
    if (length > LOOP_LIMIT && this.shared && ((toOffset ^ from) & 7) !== 0)
      this.copyRealigned(to, toOffset, from, length)
    else copyBytes(to.u8, to.i32, toOffset, this.u8, this.i32, from, length)
    this.copies.count(reason, length)
  }

  /** Copies inside packet memory; the ranges may overlap. */
  move(to: number, from: number, length: number, reason: CopyReason): void {
    if (this.moves) this.moves.copy(to, from, length)
    else this.u8.copyWithin(to, from, from + length)
    this.copies.count(reason, length)
  }

  /** As of {@link MemoryMoves}; undefined where a page's policy forbids it. */
  get sum(): MemoryMoves['sum'] | undefined {
    return this.moves?.sum
  }

  fill(offset: number, value: number, length: number): void {
    if (this.moves) this.moves.fill(offset, value, length)
    else this.u8.fill(value, offset, offset + length)
  }

  /** Engines copy from shared memory byte by byte unless both sides are aligned alike: 400 ns for 1400 bytes. A move inside
   *  first makes them so: 150 ns. */
  private copyRealigned(to: ByteViews, toOffset: number, from: number, length: number): void {
    this.bounce ??= this.reserve('copies on their way out', BOUNCE_BYTES + 8)
    const { bounce, moves } = this
    if (!bounce || !moves) {
      copyBytes(to.u8, to.i32, toOffset, this.u8, this.i32, from, length)
      return
    }
    for (let done = 0; done < length; done += BOUNCE_BYTES) {
      const bytes = Math.min(length - done, BOUNCE_BYTES)
      const at = bounce.offset + (toOffset & 7)
      moves.copy(at, from + done, bytes)
      copyBytes(to.u8, to.i32, toOffset + done, this.u8, this.i32, at, bytes)
    }
  }

  private take(length: number, align: number): number {
    if (!this.instance && !this.create()) return -1
    return this.free.take(length, align)
  }

  private create(): boolean {
    try {
      return this.memory !== undefined
    } catch (error) {
      if (error instanceof RangeError) return false // the machine refuses the address space
      throw error
    }
  }

  private grow(length: number, align: number): boolean {
    const memory = this.instance
    if (!memory) return false
    const pages = this.size / WASM_PAGE
    const end = Math.ceil(this.free.lastBefore(this.size) / align) * align + length
    const needed = Math.ceil(end / WASM_PAGE) - pages
    // By a quarter at least, so that many small reservations do not replace the views each time.
    const wanted = Math.min(Math.max(needed, pages >> 2), this.maximumPages - pages)
    if (wanted < needed) return false
    try {
      memory.grow(wanted)
    } catch (error) {
      if (error instanceof RangeError) return false
      throw error
    }
    this.refresh(memory)
    this.free.add(pages * WASM_PAGE, wanted * WASM_PAGE)
    return true
  }

  private refresh(memory: WebAssembly.Memory): void {
    this.u8 = new Uint8Array(memory.buffer)
    this.i32 = new Int32Array(memory.buffer)
    for (const listener of this.listeners) listener(memory.buffer)
  }
}
