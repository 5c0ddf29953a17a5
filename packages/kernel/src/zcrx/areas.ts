import type { BufArea, BufTable } from '../packet/bufs.ts'
import type { Region } from '../packet/memory.ts'

const MOST_AREAS = 1024
const NONE = -1
const HIGH_SHIFT = 16

/** A piece of the application's memory that is cut into bufs. */
export interface Area {
  readonly bufs: BufArea
  /** What keeps the memory there. */
  readonly pinned: Region
  /** Bufs that are in no pool and with nobody; the last one is taken first. */
  readonly free: Int32Array
  freeCount: number
}

/** The areas of an instance, numbered in the order in which they came, and their free bufs. */
export class Areas {
  readonly list: Area[] = []
  readonly table: BufTable
  readonly #chunkShift: number

  constructor(table: BufTable, chunkShift: number) {
    this.table = table
    this.#chunkShift = chunkShift
  }

  get full(): boolean {
    return this.list.length >= MOST_AREAS
  }

  add(pinned: Region, offset: number, length: number): void {
    const bufs = this.table.addArea({ free: (buf) => this.giveBack(buf) }, offset, length, this.#chunkShift)
    const free = Int32Array.from({ length: bufs.count }, (_, n) => bufs.first + n)
    this.list.push({ bufs, pinned, free, freeCount: bufs.count })
  }

  /** Number of the area that a buf is in; -1 for someone else's. */
  areaOf(buf: number): number {
    const { list } = this
    for (let n = 0; n < list.length; n++) {
      const { first, count } = list[n].bufs
      if (buf >= first && buf < first + count) return n
    }
    return NONE
  }

  /** The buf in which an offset lies, given as its low and high word; -1 if there is none. */
  decode(low: number, high: number): number {
    const id = high >>> HIGH_SHIFT
    if (id >= this.list.length || (high & 0xffff) !== 0) return NONE
    const { bufs } = this.list[id]
    const index = low >>> bufs.chunkShift
    return index < bufs.count ? bufs.first + index : NONE
  }

  /** A free buf, of the first area that has one; -1 without. */
  take(): number {
    for (const area of this.list) {
      if (area.freeCount > 0) return area.free[--area.freeCount]
    }
    return NONE
  }

  /** A buf is used by nobody any more and is in no pool. */
  giveBack(buf: number): void {
    const area = this.list[this.areaOf(buf)]
    area.free[area.freeCount++] = buf
  }
}

/** High word of offsets into an area. */
export const areaWord = (id: number): number => id << HIGH_SHIFT
