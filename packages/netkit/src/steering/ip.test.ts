import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatIp, parseIp, prefixLength, prefixMask } from './ip.ts'

test.each([
  ['10.0.0.1', [10, 0, 0, 1]],
  ['255.255.255.255', [255, 255, 255, 255]],
  ['::', new Array(16).fill(0)],
  ['::1', [...new Array(15).fill(0), 1]],
  ['2001:db8::', [0x20, 1, 0x0d, 0xb8, ...new Array(12).fill(0)]],
  ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
  ['::ffff:10.0.0.1', [...new Array(10).fill(0), 255, 255, 10, 0, 0, 1]],
])('%s', (text, bytes) => {
  expect([...(parseIp(text) ?? [])]).toEqual(bytes)
})

test.each([
  '',
  '1.2.3',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.4.5',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '12345::',
  'g::',
  '1:2:3:4:5:6:7:8:9',
  '1::2:3:4:5:6:7:8',
  '10.0.0.1::',
])('%j is no address', (text) => {
  expect(parseIp(text)).toBeUndefined()
})

test.each([
  [[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '2001:db8::1'],
  [[0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1], '1:0:1::1:0:1'],
  [[0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3], '1:0:0:2::3'],
  [[0, 1, 0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7], '1:0:2:3:4:5:6:7'],
])('%j is written as RFC 5952 wants it', (bytes, text) => {
  expect(formatIp(Uint8Array.from(bytes))).toBe(text)
})

test('what is written is read again', () => {
  const address = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16, max: 1 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  fc.assert(
    fc.property(address, (bytes) => {
      expect(parseIp(formatIp(bytes))).toEqual(bytes)
    }),
  )
})

test('masks and prefix lengths are the same thing', () => {
  fc.assert(
    fc.property(fc.constantFrom(4, 16), fc.nat(128), (size, n) => {
      const bits = Math.min(n, 8 * size)
      const mask = prefixMask(size, bits)
      expect(prefixLength(mask)).toBe(bits)
      expect([...mask].map((b) => b.toString(2).padStart(8, '0')).join('')).toBe('1'.repeat(bits).padEnd(8 * size, '0'))
    }),
  )
  expect(prefixLength(Uint8Array.of(255, 0, 255, 0))).toBeUndefined()
  expect(prefixLength(Uint8Array.of(0xf0, 0x80, 0, 0))).toBeUndefined()
  expect(prefixLength(Uint8Array.of(0b10100000, 0, 0, 0))).toBeUndefined()
})
