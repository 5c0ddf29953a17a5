import { type MappedMemory, type MemoryDoor, refused } from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
} from '../ffi/numbers.ts'

const PAGE = 4096
const WASM_PAGE = 65536
/** 2 GiB of addresses; memory is had as it is mapped. */
const MAXIMUM = 32768

interface Span {
  offset: number
  length: number
}

/**
 * Memory of this process that the kernel and programs compiled to WebAssembly can use alike. It grows in place, so its address stays.
 * Rings of the kernel are mapped into it.
 */
export class ApplicationMemory implements MemoryDoor {
  readonly #calls: Calls
  #memory: WebAssembly.Memory | undefined
  #base = 0
  /** What is free, sorted by offset. */
  #free: Span[] = []

  constructor(c: Calls) {
    this.#calls = c
  }

  get memory(): WebAssembly.Memory {
    if (this.#memory) return this.#memory
    const memory = new WebAssembly.Memory({ initial: 1, maximum: MAXIMUM, shared: true })
    this.#memory = memory
    this.#base = this.#calls.address(memory.buffer)
    // Offset 0 stays nobody's: null.
    this.#free = [{ offset: PAGE, length: WASM_PAGE - PAGE }]
    return memory
  }

  map(bytes: number): MappedMemory {
    const op = `map ${bytes} bytes`
    if (!Number.isInteger(bytes) || bytes < 1) throw refused(op, 'EINVAL')
    const length = Math.ceil(bytes / PAGE) * PAGE
    const offset = this.#take(length)
    if (offset < 0) throw refused(op, 'ENOMEM')
    // What the kernel had pinned of it stays with the kernel.
    return this.#mapped(offset, length, () => this.#makeOrdinary(this.#base + offset, length))
  }

  /** Maps what is open as `fd` at `at` into the memory. Throws KernelError. */
  mapFile(fd: number, length: number, at: number, op: string): MappedMemory {
    const size = Math.ceil(length / PAGE) * PAGE
    const offset = this.#take(size)
    if (offset < 0) throw refused(op, 'ENOMEM')
    const rw = PROT_READ | PROT_WRITE
    const c = this.#calls
    const address = this.#base + offset
    if (c.mmap(address, length, rw, MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd, at) === -1) {
      const error = failure(c, op)
      this.#makeOrdinary(address, size)
      this.#give(offset, size)
      throw error
    }
    return this.#mapped(offset, size, () => this.#makeOrdinary(address, size))
  }

  /** Puts fresh memory, zeroed, where something was mapped, or was to be: a mapping that fails leaves a hole. */
  #makeOrdinary(address: number, size: number): void {
    const c = this.#calls
    const flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS
    if (c.mmap(address, size, PROT_READ | PROT_WRITE, flags, -1, 0) === -1) throw failure(c, 'unmap a ring')
  }

  #mapped(offset: number, length: number, before: () => void): MappedMemory {
    let isMapped = true
    return {
      address: this.#base + offset,
      offset,
      length,
      unmap: () => {
        if (!isMapped) return
        isMapped = false
        before()
        this.#give(offset, length)
      },
    }
  }

  #take(length: number): number {
    const { memory } = this
    let span = this.#free.find((one) => one.length >= length)
    if (!span) {
      const end = memory.buffer.byteLength
      const pages = Math.ceil(length / WASM_PAGE)
      if (end / WASM_PAGE + pages > MAXIMUM) return -1
      memory.grow(pages)
      this.#give(end, pages * WASM_PAGE)
      span = this.#free.find((one) => one.length >= length)
    }
    if (!span) return -1
    const { offset } = span
    span.offset += length
    span.length -= length
    if (span.length === 0) this.#free.splice(this.#free.indexOf(span), 1)
    return offset
  }

  #give(offset: number, length: number): void {
    const sorted = [...this.#free, { offset, length }].sort((a, b) => a.offset - b.offset)
    this.#free = []
    for (const span of sorted) {
      const last = this.#free.at(-1)
      if (last && last.offset + last.length === span.offset) last.length += span.length
      else this.#free.push(span)
    }
  }
}
