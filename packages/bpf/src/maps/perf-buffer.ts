import { lookupIndex } from './array.ts'
import type { MapMemory } from './memory.ts'
import { PERF } from './perf-layout.ts'
import { type PerfPages, takePerfRecords } from './perf-reader.ts'
import { E2BIG, ENOENT, ENOSPC, EOPNOTSUPP } from './type.ts'

const CURRENT_CPU = 0xffff_ffff
const THIS_CPU = 0

/** Bytes of a perf buffer with `size` bytes of data. */
export const perfBufferBytes = (size: number): number => PERF.DATA + size

/** Prepares the buffer of a perf event. */
export function initPerfBuffer({ u8, view }: MapMemory, at: number, size: number): void {
  u8.fill(0, at, at + PERF.DATA)
  view.setBigUint64(at + PERF.DATA_OFFSET, BigInt(PERF.DATA), true)
  view.setBigUint64(at + PERF.DATA_SIZE, BigInt(size), true)
}

const pagesOf = ({ view }: MapMemory, at: number): PerfPages => ({
  buffer: view.buffer,
  offset: at,
  size: view.getUint32(at + PERF.DATA_SIZE, true),
})

export const perfTake = (memory: MapMemory, at: number): Uint8Array[] => takePerfRecords(pagesOf(memory, at))

/** The buffer that an element of a perf event array stands for, or why there is none. `index`: BPF_F_CURRENT_CPU or a CPU's. */
export function perfBufferAt(memory: MapMemory, map: number, index: number, key: number): number {
  const { view } = memory
  view.setUint32(key, index === CURRENT_CPU ? THIS_CPU : index, true)
  const element = lookupIndex(memory, map, key)
  if (element === 0) return E2BIG
  const at = view.getUint32(element, true)
  if (at === 0) return ENOENT
  return index !== CURRENT_CPU && index !== THIS_CPU ? EOPNOTSUPP : at
}

/** Where the one writer is in a buffer: programs do not run at once, nor inside a helper. */
const writer = { head: 0, data: 0, size: 0 }

/** Begins a sample of `bytes` bytes, padded so that the whole record has a multiple of 8: ENOSPC if it does not fit. */
export function perfBegin({ view }: MapMemory, at: number, bytes: number): number {
  const size = view.getUint32(at + PERF.DATA_SIZE, true)
  const lost = view.getUint32(at + PERF.LOST, true)
  const raw = ((bytes + 4 + 7) & -8) - 4
  const length = PERF.HEADER + 4 + raw
  const head = Number(view.getBigUint64(at + PERF.HEAD, true))
  const tail = Number(view.getBigUint64(at + PERF.TAIL, true))
  const needed = length + (lost > 0 ? PERF.LOST_BYTES : 0)
  if (length > 0xffff || head + needed - tail > size - 1) {
    view.setUint32(at + PERF.LOST, lost + 1, true)
    return ENOSPC
  }
  writer.head = head
  writer.data = at + PERF.DATA
  writer.size = size
  if (lost > 0) {
    putHeader(view, PERF.RECORD_LOST, PERF.LOST_BYTES)
    put32(view, 0)
    put32(view, 0)
    put32(view, lost)
    put32(view, 0)
    view.setUint32(at + PERF.LOST, 0, true)
  }
  putHeader(view, PERF.RECORD_SAMPLE, length)
  put32(view, raw)
  return 0
}

function putHeader(view: DataView, type: number, length: number): void {
  put32(view, type)
  put32(view, length << 16)
}

/** Records begin at multiples of 8: a word is never cut. */
function put32(view: DataView, value: number): void {
  view.setUint32(writer.data + (writer.head & (writer.size - 1)), value, true)
  writer.head += 4
}

/** Where the next bytes of the sample that was begun go. */
export const perfPlace = (): number => writer.data + (writer.head & (writer.size - 1))

/** Of so many bytes, those that go there; the rest goes to where the next place is then. */
export function perfAdvance(bytes: number): number {
  const part = Math.min(bytes, writer.size - (writer.head & (writer.size - 1)))
  writer.head += part
  return part
}

/** The sample is complete: its reader may have it. */
export function perfEnd({ view, u8 }: MapMemory, at: number): void {
  while ((writer.head & 7) !== 0) u8[writer.data + (writer.head++ & (writer.size - 1))] = 0
  view.setBigUint64(at + PERF.HEAD, BigInt(writer.head), true)
}
