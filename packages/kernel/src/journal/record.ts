import { crc32 } from './crc32.ts'

/** Bytes in front of each record: u32 length of the payload, u32 CRC-32 of the payload; little endian. */
export const RECORD_HEADER = 8

/** Appends a record to what is to be written. */
export function putRecord(into: Uint8Array, at: number, payload: Uint8Array): number {
  const view = new DataView(into.buffer, into.byteOffset)
  view.setUint32(at, payload.length, true)
  view.setUint32(at + 4, crc32(payload), true)
  into.set(payload, at + RECORD_HEADER)
  return at + RECORD_HEADER + payload.length
}

/** The whole records at the beginning of `bytes`, and where they end: what lies behind was cut off while it was written. */
export function readRecords(bytes: Uint8Array, from = 0): { readonly records: Uint8Array[]; readonly end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const records: Uint8Array[] = []
  let at = from
  while (bytes.length - at >= RECORD_HEADER) {
    const length = view.getUint32(at, true)
    const start = at + RECORD_HEADER
    if (length === 0 || length > bytes.length - start) break
    const payload = bytes.subarray(start, start + length)
    if (crc32(payload) !== view.getUint32(at + 4, true)) break
    records.push(payload)
    at = start + length
  }
  return { records, end: at }
}
