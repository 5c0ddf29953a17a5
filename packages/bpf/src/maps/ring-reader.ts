import { RING } from './ring-layout.ts'

/** The pages of a ring buffer, where the one who reads it has them: the consumer's, which is written to, and the others. */
export interface RingPages {
  readonly consumer: { readonly buffer: ArrayBufferLike; readonly offset: number }
  /** The producer's page, and behind it the data twice in a row, or as if it were. */
  readonly producer: { readonly buffer: ArrayBufferLike; readonly offset: number }
  /** Bytes of the data, a power of two. */
  readonly size: number
}

/**
 * Takes the finished records, in order, up to one that is still being written; discarded ones are left out. The producer may be
 * another thread: positions and headers are read as it writes them.
 */
export function takeRecords({ consumer, producer, size }: RingPages): Uint8Array[] {
  const records: Uint8Array[] = []
  const mine = new BigUint64Array(consumer.buffer, consumer.offset, 1)
  const end = Number(Atomics.load(new BigUint64Array(producer.buffer, producer.offset, 1), 0))
  const data = producer.offset + RING.DATA - RING.PRODUCER
  const headers = new Int32Array(producer.buffer, data, size / 4)
  let at = Number(Atomics.load(mine, 0))
  while (at < end) {
    const place = at & (size - 1)
    const header = Atomics.load(headers, place / 4) >>> 0
    if ((header & RING.BUSY) !== 0) break
    const length = header & ~(RING.BUSY | RING.DISCARD)
    if ((header & RING.DISCARD) === 0) {
      records.push(new Uint8Array(producer.buffer, data + place + RING.HEADER, length).slice())
    }
    at += RING.HEADER + ((length + 7) & -8)
    // At once, because the kernel wakes its reader for a record only that the reader has got to.
    Atomics.store(mine, 0, BigInt(at))
  }
  return records
}
