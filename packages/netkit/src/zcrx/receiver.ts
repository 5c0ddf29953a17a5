import {
  IORING_ENTER_GETEVENTS,
  IORING_REGISTER_ZCRX_CTRL,
  KernelError,
  type MappedMemory,
  type MemoryDoor,
  type NamespaceHandle,
  refused,
  ZCRX_CTRL,
  ZCRX_CTRL_ARM_EVENT,
  ZCRX_CTRL_FLUSH_RQ,
  ZCRX_STATS,
  type ZcrxDoor,
} from '@netkit/netlink'
import { visit, ZCRX_EVENTS, type ZcrxEvent, type ZcrxVisitor } from './completions.ts'
import { zcrxFeatures } from './features.ts'
import { refillBytes, register, statsOffset } from './registration.ts'
import { RefillRing, Rings } from './rings.ts'
import { type StreamSource, ZcrxStream } from './stream.ts'
import { SharedWords } from './words.ts'
import type { ZcrxOptions } from './zcrx.ts'

const DEFAULT_AREA = 4 * 1024 * 1024
const DEFAULT_ENTRIES = 1024
const DEFAULT_COMPLETIONS = 4096
const SCRATCH = 4096
const AREA_SHIFT = 16

/** What of a socket counts: its descriptor. */
export interface HasDescriptor {
  readonly fd: number
}

/** What the kernel has copied into the area although it should not have to: fragments of packets that came another way, and their bytes. */
export interface ZcrxStats {
  readonly copies: bigint
  readonly copiedBytes: bigint
}

/** @internal */
export interface ReceiverParts extends ZcrxOptions {
  readonly memory: MemoryDoor
  readonly zcrx: ZcrxDoor
  readonly ifindex: number
  readonly queue: number
  readonly namespace: NamespaceHandle | undefined
}

/**
 * An area that packets are received into, and the rings around it. Either go through {@link poll}, which allocates nothing, or
 * read streams by {@link read}; not both at once.
 */
export class ZcrxReceiver implements AsyncDisposable {
  /** Number of the instance at its ring, and entries of its refill ring. */
  readonly id: number
  readonly refillEntries: number
  readonly #words: SharedWords
  readonly #area: MappedMemory
  readonly #refillMemory: MappedMemory
  readonly #scratch: MappedMemory
  readonly #rings!: Rings
  readonly #refill: RefillRing
  readonly #streams = new Map<number, ZcrxStream>()
  /** The kernel counts what it copies. */
  readonly #counts: boolean
  #nextStream = 1
  #pumping: Promise<void> | undefined
  #open = true

  /** @internal */
  constructor(parts: ReceiverParts) {
    const { memory, zcrx, ifindex, queue, chunk = 0, namespace } = parts
    const entries = parts.refillEntries ?? DEFAULT_ENTRIES
    this.#area = memory.map(parts.areaBytes ?? DEFAULT_AREA)
    this.#refillMemory = memory.map(refillBytes(entries))
    this.#scratch = memory.map(SCRATCH)
    this.#words = new SharedWords(memory.memory)
    try {
      const { events, noDevice } = zcrxFeatures(zcrx, this.#words, this.#scratch)
      if (ifindex === 0 && !noDevice)
        throw refused('zcrx open', 'EOPNOTSUPP', 'this kernel receives from a device only')
      this.#counts = events
      this.#rings = new Rings(zcrx, this.#words, parts.completions ?? DEFAULT_COMPLETIONS, namespace)
      const [area, refill, scratch] = [this.#area, this.#refillMemory, this.#scratch]
      const wish = { events, ifindex, queue, entries, chunk, area, refill, scratch }
      const registered = register(this.#rings.handle, this.#words, wish)
      this.id = registered.id
      this.refillEntries = registered.entries
    } catch (error) {
      this.#close()
      throw error
    }
    this.#refill = new RefillRing(this.#words, this.#refillMemory, entries)
  }

  /** Where the area is in the memory that is shared with the kernel, and its bytes. */
  get area(): { readonly offset: number; readonly length: number } {
    return this.#area
  }

  /** Bytes of the area, where they are: a view, nothing is copied. */
  bytes(offset: number, length: number): Uint8Array {
    const at = this.#area.offset + offset
    return this.#words.u8.subarray(at, at + length)
  }

  /**
   * Begins to receive from a connected socket of TCP. The number by which completions call the stream. What refuses it is told
   * by its last completion. `length`: bytes to receive; default: until it ends.
   */
  receive(socket: HasDescriptor, { length = 0 }: { readonly length?: number } = {}): number {
    const stream = this.#nextStream++
    this.#request(stream, socket, length)
    return stream
  }

  #request(stream: number, { fd }: HasDescriptor, length: number): void {
    const result = this.#rings.receive(fd, this.id, stream, length)
    if (result < 0) throw new KernelError({ op: 'zcrx receive', errno: -result })
  }

  /** Lets the kernel go on and shows the completions that wait; how many. Waits for none. */
  poll(visitor: ZcrxVisitor): number {
    this.#rings.handle.enter(0, IORING_ENTER_GETEVENTS)
    return visit(this.#rings, this.#words, visitor)
  }

  /** Resolves when {@link poll} has something to do, or after `timeout` ms. */
  wait(timeout?: number): Promise<void> {
    return this.#rings.handle.wait(timeout)
  }

  /** Gives bytes of one completion back. False if the ring is full: the kernel takes entries when it needs bufs, or by {@link flush}. */
  giveBack(offset: number, area = 0): boolean {
    return this.#refill.give(offset, area << AREA_SHIFT)
  }

  /**
   * Reads a stream: views of the area, each good until the next one is asked for. Several streams can be read at once. Goes on where
   * the kernel paused for want of a buf or of room for completions. Ends with the stream; throws KernelError with what ended it
   * otherwise: ENOMEM if other readers hold all bufs.
   */
  read(socket: HasDescriptor, options: { readonly length?: number } = {}): AsyncIterable<Uint8Array> {
    return {
      [Symbol.asyncIterator]: () => {
        const number = this.receive(socket, options)
        const stream = new ZcrxStream(this.#sourceOf(socket, options.length ?? 0), number)
        this.#streams.set(number, stream)
        return stream
      },
    }
  }

  #sourceOf(socket: HasDescriptor, length: number): StreamSource {
    return {
      bytes: (offset, size) => this.bytes(offset, size),
      release: (offset) => {
        if (this.giveBack(offset)) return
        this.flush()
        this.giveBack(offset)
      },
      pump: () => this.#pump(),
      goOn: (stream, received) => {
        this.flush()
        this.#request(stream, socket, length === 0 ? 0 : length - received)
      },
      forget: (stream) => this.#streams.delete(stream),
    }
  }

  /** Hands completions on to the streams that are read; all readers wait for the same. */
  #pump(): Promise<void> {
    this.#pumping ??= this.#pumpOnce().finally(() => {
      this.#pumping = undefined
    })
    return this.#pumping
  }

  async #pumpOnce(): Promise<void> {
    if (this.poll(this.#dispatch) === 0) await this.wait()
  }

  readonly #dispatch: ZcrxVisitor = {
    data: (stream, offset, length) => {
      const reader = this.#streams.get(stream)
      if (reader) reader.push(offset, length)
      else this.giveBack(offset)
    },
    end: (stream, result) => {
      this.#streams.get(stream)?.end(result)
    },
  }

  /** Has the kernel take back now what was given. Without a device nothing else does. */
  flush(): void {
    this.#control(ZCRX_CTRL_FLUSH_RQ, 0)
  }

  /** Wants to be told again of an event that was told. KernelError EINVAL if it was not. */
  arm(event: ZcrxEvent): void {
    this.#control(ZCRX_CTRL_ARM_EVENT, ZCRX_EVENTS.indexOf(event))
  }

  #control(op: number, data: number): void {
    const { u8 } = this.#words
    u8.fill(0, this.#scratch.offset, this.#scratch.offset + ZCRX_CTRL.size)
    const view = new DataView(u8.buffer, this.#scratch.offset, ZCRX_CTRL.size)
    view.setUint32(ZCRX_CTRL.zcrxId, this.id, true)
    view.setUint32(ZCRX_CTRL.op, op, true)
    view.setUint32(ZCRX_CTRL.data, data, true)
    this.#rings.handle.register(IORING_REGISTER_ZCRX_CTRL, this.#scratch.address, 0)
  }

  /** What had to be copied so far: nothing, as long as all packets come by the queue. Undefined if the kernel does not count it. */
  get stats(): ZcrxStats | undefined {
    if (!this.#counts) return undefined
    const at = this.#refillMemory.offset + statsOffset(this.refillEntries)
    const view = new DataView(this.#words.u8.buffer, at, ZCRX_STATS.size)
    return {
      copies: view.getBigUint64(ZCRX_STATS.copyCount, true),
      copiedBytes: view.getBigUint64(ZCRX_STATS.copyBytes, true),
    }
  }

  /** Ends everything: the queue goes back to memory of its own. Views must not be used any more. */
  async close(): Promise<void> {
    this.#close()
  }

  #close(): void {
    if (!this.#open) return
    this.#open = false
    this.#rings?.close()
    for (const memory of [this.#area, this.#refillMemory, this.#scratch]) memory.unmap()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
