import {
  errno,
  IO_CQRING_OFFSETS,
  IO_SQRING_OFFSETS,
  IO_URING_PARAMS,
  IO_URING_SQE,
  IORING_SETUP_CLAMP,
  IORING_SETUP_CQE_MIXED,
  IORING_SETUP_CQE32,
  IORING_SETUP_CQSIZE,
  IORING_SETUP_DEFER_TASKRUN,
  IORING_SETUP_SINGLE_ISSUER,
} from '@netkit/netlink'
import type { ApplicationMemory } from '../packet/application-memory.ts'
import type { Region } from '../packet/memory.ts'
import { RINGS } from './completion-ring.ts'
import { setU32, u32 } from './user-structs.ts'

const MOST_ENTRIES = 32768
const CACHE_LINE = 64
const CQE = 16
/** One mapping for both rings, completions are not lost without a word, requests are read when they are submitted. */
const FEATURES = 0b111

const KNOWN =
  IORING_SETUP_CQSIZE |
  IORING_SETUP_CLAMP |
  IORING_SETUP_CQE32 |
  IORING_SETUP_SINGLE_ISSUER |
  IORING_SETUP_DEFER_TASKRUN |
  IORING_SETUP_CQE_MIXED

const P = IO_URING_PARAMS
const SQ = IO_SQRING_OFFSETS
const CQ = IO_CQRING_OFFSETS

const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(n))

/** Entries of both rings, or a negative errno. */
function sizes(entries: number, params: DataView): { readonly sq: number; readonly cq: number } | number {
  const flags = u32(params, P.flags)
  const clamp = (flags & IORING_SETUP_CLAMP) !== 0
  if ((flags & ~KNOWN) !== 0) return -errno.EINVAL
  if ((flags & IORING_SETUP_DEFER_TASKRUN) !== 0 && (flags & IORING_SETUP_SINGLE_ISSUER) === 0) return -errno.EINVAL
  if ((flags & IORING_SETUP_CQE32) !== 0 && (flags & IORING_SETUP_CQE_MIXED) !== 0) return -errno.EINVAL
  if (entries === 0 || (entries > MOST_ENTRIES && !clamp)) return -errno.EINVAL
  const sq = powerOfTwo(Math.min(entries, MOST_ENTRIES))
  if ((flags & IORING_SETUP_CQSIZE) === 0) return { sq, cq: sq * 2 }
  const wanted = u32(params, P.cqEntries)
  if (wanted === 0 || (wanted > MOST_ENTRIES * 2 && !clamp)) return -errno.EINVAL
  const cq = powerOfTwo(Math.min(wanted, MOST_ENTRIES * 2))
  return cq < sq ? -errno.EINVAL : { sq, cq }
}

/** The memory that an instance of io_uring shares with its application. */
export class RingMemory {
  readonly flags: number
  readonly sqEntries: number
  readonly cqEntries: number
  /** Both rings, and the index array of the submission ring in bytes from their beginning. */
  readonly region: Region
  readonly array: number
  readonly sqes: Region
  /** What the application has mapped of it. */
  readonly mapped = new Set<Region>()

  private constructor(flags: number, sq: number, cq: number, array: number, region: Region, sqes: Region) {
    this.flags = flags
    this.sqEntries = sq
    this.cqEntries = cq
    this.array = array
    this.region = region
    this.sqes = sqes
  }

  /** As io_uring_setup(2) is asked for, writing back what there is; or a negative errno. */
  static make(application: ApplicationMemory, entries: number, params: DataView): RingMemory | number {
    const size = sizes(entries, params)
    if (typeof size === 'number') return size
    const { sq, cq } = size
    const flags = u32(params, P.flags)
    const plain = RINGS.cqes + cq * CQE
    // Longer completions double all that is before the array.
    const end = (flags & IORING_SETUP_CQE32) !== 0 ? plain * 2 : plain
    const array = Math.ceil(end / CACHE_LINE) * CACHE_LINE
    const region = application.map(array + sq * 4)
    const sqes = region && application.map(sq * IO_URING_SQE.size)
    if (!region || !sqes) {
      if (region) application.unmap(region)
      return -errno.ENOMEM
    }
    application.pin(region.offset, region.length)
    application.pin(sqes.offset, sqes.length)
    const memory = new RingMemory(flags, sq, cq, array, region, sqes)
    memory.#begin(application)
    memory.#tell(params)
    return memory
  }

  #begin(application: ApplicationMemory): void {
    const { i32 } = application.memory
    const base = this.region.offset >> 2
    i32[base + (RINGS.sqMask >> 2)] = this.sqEntries - 1
    i32[base + (RINGS.cqMask >> 2)] = this.cqEntries - 1
    i32[base + (RINGS.sqEntries >> 2)] = this.sqEntries
    i32[base + (RINGS.cqEntries >> 2)] = this.cqEntries
  }

  #tell(params: DataView): void {
    const { sqOff, cqOff } = P
    setU32(params, P.sqEntries, this.sqEntries)
    setU32(params, P.cqEntries, this.cqEntries)
    setU32(params, P.features, FEATURES)
    setU32(params, sqOff + SQ.head, RINGS.sqHead)
    setU32(params, sqOff + SQ.tail, RINGS.sqTail)
    setU32(params, sqOff + SQ.ringMask, RINGS.sqMask)
    setU32(params, sqOff + SQ.ringEntries, RINGS.sqEntries)
    setU32(params, sqOff + SQ.flags, RINGS.sqFlags)
    setU32(params, sqOff + SQ.dropped, RINGS.sqDropped)
    setU32(params, sqOff + SQ.array, this.array)
    setU32(params, cqOff + CQ.head, RINGS.cqHead)
    setU32(params, cqOff + CQ.tail, RINGS.cqTail)
    setU32(params, cqOff + CQ.ringMask, RINGS.cqMask)
    setU32(params, cqOff + CQ.ringEntries, RINGS.cqEntries)
    setU32(params, cqOff + CQ.overflow, RINGS.cqOverflow)
    setU32(params, cqOff + CQ.cqes, RINGS.cqes)
    setU32(params, cqOff + CQ.flags, RINGS.cqFlags)
  }

  /** The ring is gone: what the application has mapped stays until it unmaps it. */
  release(application: ApplicationMemory): void {
    for (const region of [this.region, this.sqes]) {
      application.unpin(region)
      if (!this.mapped.has(region)) application.unmap(region)
    }
  }
}
