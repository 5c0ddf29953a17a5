import {
  IO_CQRING_OFFSETS,
  IO_SQRING_OFFSETS,
  IO_URING_PARAMS,
  IO_URING_SQE,
  IORING_OFF_SQ_RING,
  IORING_OFF_SQES,
  IORING_OP_RECV_ZC,
  IORING_RECV_MULTISHOT,
  IORING_SETUP_CQE32,
  IORING_SETUP_CQSIZE,
  IORING_SETUP_DEFER_TASKRUN,
  IORING_SETUP_SINGLE_ISSUER,
  type IoUringHandle,
  type MappedMemory,
  type NamespaceHandle,
  ZCRX_RQ,
  type ZcrxDoor,
} from '@netkit/netlink'
import type { SharedWords } from './words.ts'

const SQ_ENTRIES = 64
const CQE_WORDS = 8

/** Where the words of the rings are in application memory, as indexes of 32-bit words. */
interface Places {
  readonly sqTail: number
  readonly sqMask: number
  readonly array: number
  readonly sqes: number
  readonly cqHead: number
  readonly cqTail: number
  readonly cqMask: number
  readonly cqes: number
}

function placesOf(params: DataView, rings: MappedMemory, sqes: MappedMemory, words: SharedWords): Places {
  const { sqOff, cqOff } = IO_URING_PARAMS
  const at = (offset: number): number => (rings.offset + params.getUint32(offset, true)) >> 2
  const { i32 } = words
  return {
    sqTail: at(sqOff + IO_SQRING_OFFSETS.tail),
    sqMask: i32[at(sqOff + IO_SQRING_OFFSETS.ringMask)],
    array: at(sqOff + IO_SQRING_OFFSETS.array),
    sqes: sqes.offset >> 2,
    cqHead: at(cqOff + IO_CQRING_OFFSETS.head),
    cqTail: at(cqOff + IO_CQRING_OFFSETS.tail),
    cqMask: i32[at(cqOff + IO_CQRING_OFFSETS.ringMask)],
    cqes: at(cqOff + IO_CQRING_OFFSETS.cqes),
  }
}

/** Bytes that the rings take: up to the end of the index array. */
function ringBytes(params: DataView): number {
  const array = params.getUint32(IO_URING_PARAMS.sqOff + IO_SQRING_OFFSETS.array, true)
  return array + params.getUint32(IO_URING_PARAMS.sqEntries, true) * 4
}

/** The submission and completion rings of an instance of io_uring, from the application's side. */
export class Rings {
  readonly handle: IoUringHandle
  readonly #words: SharedWords
  readonly #maps: readonly MappedMemory[]
  readonly #at: Places
  #head = 0

  constructor(door: ZcrxDoor, words: SharedWords, completions: number, namespace: NamespaceHandle | undefined) {
    const bytes = new Uint8Array(IO_URING_PARAMS.size)
    const params = new DataView(bytes.buffer)
    const flags = IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_CQE32 | IORING_SETUP_CQSIZE
    params.setUint32(IO_URING_PARAMS.flags, flags, true)
    params.setUint32(IO_URING_PARAMS.cqEntries, completions, true)
    this.handle = door.setup(SQ_ENTRIES, bytes, namespace)
    this.#words = words
    const rings = this.handle.mmap(ringBytes(params), IORING_OFF_SQ_RING)
    const sqes = this.handle.mmap(SQ_ENTRIES * IO_URING_SQE.size, IORING_OFF_SQES)
    this.#maps = [rings, sqes]
    words.renew()
    this.#at = placesOf(params, rings, sqes, words)
  }

  /** Asks for all that a socket receives; 0, or a negative errno. What becomes of it is told by completions. */
  receive(fd: number, zcrxId: number, userData: number, length: number): number {
    const { sqTail, sqMask, array, sqes } = this.#at
    const { i32 } = this.#words
    const tail = i32[sqTail]
    const slot = tail & sqMask
    const at = sqes + slot * (IO_URING_SQE.size >> 2)
    i32.fill(0, at, at + (IO_URING_SQE.size >> 2))
    i32[at] = IORING_OP_RECV_ZC | (IORING_RECV_MULTISHOT << 16)
    i32[at + (IO_URING_SQE.fd >> 2)] = fd
    i32[at + (IO_URING_SQE.len >> 2)] = length
    i32[at + (IO_URING_SQE.userData >> 2)] = userData
    i32[at + (IO_URING_SQE.zcrxId >> 2)] = zcrxId
    i32[array + slot] = slot
    Atomics.store(i32, sqTail, tail + 1)
    return Math.min(this.handle.enter(1, 0), 0)
  }

  /** Word index of the next completion; -1 if none waits. It is the application's until {@link seen}. */
  next(): number {
    const { cqTail, cqMask, cqes } = this.#at
    if (Atomics.load(this.#words.i32, cqTail) === this.#head) return -1
    return cqes + (this.#head & cqMask) * CQE_WORDS
  }

  /** The completion that {@link next} gave is done with. */
  seen(): void {
    this.#head = (this.#head + 1) | 0
    Atomics.store(this.#words.i32, this.#at.cqHead, this.#head)
  }

  close(): void {
    this.handle.close()
    for (const map of this.#maps) map.unmap()
  }
}

/** The ring by which bufs go back to the kernel, from the application's side. */
export class RefillRing {
  readonly #words: SharedWords
  /** Word index of its header. */
  readonly #base: number
  readonly #mask: number
  #tail = 0

  constructor(words: SharedWords, memory: MappedMemory, entries: number) {
    this.#words = words
    this.#base = memory.offset >> 2
    this.#mask = entries - 1
  }

  /** Gives one completion's buf back, by the offset that the completion had; false if the ring is full. */
  give(low: number, high: number): boolean {
    const { i32 } = this.#words
    const head = Atomics.load(i32, this.#base + (ZCRX_RQ.head >> 2))
    if ((this.#tail - head) >>> 0 > this.#mask) return false
    const at = this.#base + (ZCRX_RQ.rqes >> 2) + (this.#tail & this.#mask) * (ZCRX_RQ.entrySize >> 2)
    i32[at] = low
    i32[at + 1] = high
    i32[at + (ZCRX_RQ.length >> 2)] = 0
    i32[at + (ZCRX_RQ.pad >> 2)] = 0
    this.#tail = (this.#tail + 1) | 0
    Atomics.store(i32, this.#base + (ZCRX_RQ.tail >> 2), this.#tail)
    return true
  }
}
