import {
  IO_CQRING_OFFSETS,
  IO_SQRING_OFFSETS,
  IO_URING_PARAMS,
  IO_URING_SQE,
  IORING_OFF_CQ_RING,
  IORING_OFF_SQ_RING,
  IORING_OFF_SQES,
  IORING_SETUP_CQSIZE,
  IORING_SETUP_NO_MMAP,
  type MappedMemory,
  refused,
} from '@netkit/netlink'
import type { ApplicationMemory } from '../xsk/memory.ts'

const P = IO_URING_PARAMS
const MOST_ENTRIES = 32768
/** More than the heads, tails and counters before the completions take. */
const HEADER = 4096
const LARGE_CQE = 32

const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(n))

/**
 * The rings of an instance of io_uring, in application memory. Linux maps its own rings where it likes and nowhere else, so it is
 * handed memory for them (IORING_SETUP_NO_MMAP), and what the application maps is that.
 */
export class RingMemory {
  readonly #rings: MappedMemory
  readonly #sqes: MappedMemory

  constructor(memory: ApplicationMemory, entries: number, params: DataView) {
    // Linux refuses other numbers before it looks at the memory.
    const sq = powerOfTwo(Math.min(Math.max(entries, 1), MOST_ENTRIES))
    const wished =
      (params.getUint32(P.flags, true) & IORING_SETUP_CQSIZE) !== 0 ? params.getUint32(P.cqEntries, true) : 2 * sq
    const cq = powerOfTwo(Math.min(Math.max(wished, 1), 2 * MOST_ENTRIES))
    this.#rings = memory.map(HEADER + cq * LARGE_CQE + sq * 4)
    this.#sqes = memory.map(sq * IO_URING_SQE.size)
  }

  /** Writes into the parameters where the rings are to be. */
  offer(params: DataView): void {
    params.setUint32(P.flags, params.getUint32(P.flags, true) | IORING_SETUP_NO_MMAP, true)
    params.setBigUint64(P.sqOff + IO_SQRING_OFFSETS.userAddr, BigInt(this.#sqes.address), true)
    params.setBigUint64(P.cqOff + IO_CQRING_OFFSETS.userAddr, BigInt(this.#rings.address), true)
  }

  /** What is mapped at an offset of the instance. Throws KernelError EINVAL. */
  at(length: number, offset: number): MappedMemory {
    const isRing = offset === IORING_OFF_SQ_RING || offset === IORING_OFF_CQ_RING
    const found = isRing ? this.#rings : offset === IORING_OFF_SQES ? this.#sqes : undefined
    if (!found || length > found.length)
      throw refused(
        `map ${length} bytes of io_uring at ${offset}`,
        'EINVAL',
        'only its rings can be mapped; regions take memory of the application',
      )
    return { ...found, unmap: () => undefined }
  }

  unmap(): void {
    this.#rings.unmap()
    this.#sqes.unmap()
  }
}
