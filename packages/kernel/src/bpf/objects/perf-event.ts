import { initPerfBuffer, perfBufferBytes, perfTake } from '@netkit/bpf'
import type { ProgramMemory } from '../run/memory.ts'
import { BpfObject } from './object.ts'

/** A perf event that programs write to, with its buffer. */
export class PerfEvent extends BpfObject {
  readonly kind = 'perf event'
  /** Address of the buffer. */
  readonly buffer: number
  readonly #memory: ProgramMemory

  private constructor(memory: ProgramMemory, buffer: number) {
    super(0)
    this.#memory = memory
    this.buffer = buffer
  }

  /** `size`: bytes of records, a power of two. Undefined: there is no memory. */
  static open(memory: ProgramMemory, size: number): PerfEvent | undefined {
    const buffer = memory.reserve(perfBufferBytes(size))
    if (buffer === 0) return undefined
    initPerfBuffer(memory, buffer, size)
    return new PerfEvent(memory, buffer)
  }

  take(): Uint8Array[] {
    return perfTake(this.#memory, this.buffer)
  }

  protected free(): void {
    this.#memory.release(this.buffer)
  }
}
