import { PERF } from './perf-layout.ts'

/** Where the one who reads a perf buffer has it: from its first page on. */
export interface PerfPages {
  readonly buffer: ArrayBufferLike
  readonly offset: number
  /** Bytes of the data, a power of two. */
  readonly size: number
}

/** Takes the records that were written, whole, in order. The writer may be another thread, or the kernel. */
export function takePerfRecords({ buffer, offset, size }: PerfPages): Uint8Array[] {
  const records: Uint8Array[] = []
  const positions = new BigUint64Array(buffer, offset + PERF.HEAD, 2)
  const data = new Uint8Array(buffer, offset + PERF.DATA, size)
  const head = Number(Atomics.load(positions, 0))
  let tail = Number(Atomics.load(positions, 1))
  const view = new DataView(buffer, offset + PERF.DATA, size)
  while (tail < head) {
    const at = tail & (size - 1)
    const length = view.getUint16(at + 6, true)
    const record = new Uint8Array(length)
    const first = Math.min(length, size - at)
    record.set(data.subarray(at, at + first))
    record.set(data.subarray(0, length - first), first)
    records.push(record)
    tail += length
  }
  Atomics.store(positions, 1, BigInt(tail))
  return records
}

/** What a record says: bytes that a program wrote, or how many records did not fit. */
export type PerfRecord = { readonly data: Uint8Array } | { readonly lost: number }

/** Undefined: another type of record, which programs do not write. Samples have nothing but their bytes (PERF_SAMPLE_RAW). */
export function parsePerfRecord(record: Uint8Array): PerfRecord | undefined {
  const view = new DataView(record.buffer, record.byteOffset, record.length)
  const type = view.getUint32(0, true)
  if (type === PERF.RECORD_LOST) return { lost: Number(view.getBigUint64(16, true)) }
  if (type !== PERF.RECORD_SAMPLE) return undefined
  const from = PERF.HEADER + 4
  return { data: record.subarray(from, from + view.getUint32(PERF.HEADER, true)) }
}
