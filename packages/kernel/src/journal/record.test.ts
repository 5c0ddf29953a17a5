import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32 } from './crc32.ts'
import { putRecord, RECORD_HEADER, readRecords } from './record.ts'

const ascii = (text: string) => new TextEncoder().encode(text)
const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 20 })

function written(list: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(list.reduce((sum, one) => sum + RECORD_HEADER + one.length, 0))
  let at = 0
  for (const one of list) at = putRecord(bytes, at, one)
  return bytes
}

test('crc32 is the one of zlib, and can go on where it stopped', () => {
  expect(crc32(ascii('123456789'))).toBe(0xcbf43926)
  expect(crc32(ascii('6789'), crc32(ascii('12345')))).toBe(0xcbf43926)
})

test('records are read as they were written', () => {
  fc.assert(
    fc.property(payloads, (list) => {
      const bytes = written(list)
      const { records, end } = readRecords(bytes)
      expect(records.map((r) => [...r])).toEqual(list.map((r) => [...r]))
      expect(end).toBe(bytes.length)
    }),
  )
})

test('an end that was cut off is dropped, wherever it was cut', () => {
  fc.assert(
    fc.property(payloads, fc.nat(), (list, cut) => {
      const bytes = written(list)
      const kept = bytes.subarray(0, cut % (bytes.length + 1))
      const { records, end } = readRecords(kept)
      const ends = list.map((_, i) => written(list.slice(0, i + 1)).length)
      const whole = ends.filter((e) => e <= kept.length).length
      expect(records.length).toBe(whole)
      expect(end).toBe(whole === 0 ? 0 : ends[whole - 1])
    }),
  )
})

test('nothing behind a damaged byte is believed', () => {
  fc.assert(
    fc.property(payloads, fc.nat(), fc.integer({ min: 1, max: 255 }), (list, where, flip) => {
      const bytes = written(list)
      if (bytes.length === 0) return
      const at = where % bytes.length
      bytes[at] ^= flip
      const ends = list.map((_, i) => written(list.slice(0, i + 1)).length)
      expect(readRecords(bytes).records.length).toBe(ends.filter((e) => e <= at).length)
    }),
  )
})
