import { assert, property, string, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeText, encodeText, fromHex, toHex } from '../index.ts'

const decode = (bytes: Uint8Array): string => decodeText(bytes, 0, bytes.length)

describe('text', () => {
  it('of well-formed Unicode is UTF-8', () => {
    assert(
      property(string({ unit: 'grapheme' }), (text) => {
        expect(encodeText(text)).toEqual(new TextEncoder().encode(text))
        expect(decode(encodeText(text))).toBe(text.split('\0')[0])
      }),
    )
  })

  it('survives as bytes whatever they are', () => {
    assert(
      property(uint8Array({ min: 1, maxLength: 20 }), (bytes) => {
        expect(encodeText(decode(bytes))).toEqual(bytes)
      }),
      { numRuns: 1000 },
    )
  })

  it('shows bytes that are no character, each by itself, between characters that are', () => {
    expect(decode(fromHex('61ff62c3a9e282'))).toBe('a\udcffb\u00e9\udce2\udc82')
    expect(decode(fromHex('f09f90a6f09f90'))).toBe('\u{1f426}\udcf0\udc9f\udc90')
    expect(decode(fromHex('eda080'))).toBe('\udced\udca0\udc80')
    expect(toHex(encodeText('\u{1f426}\udcff'))).toBe('f09f90a6ff')
  })

  it('ends at the first NUL and keeps a byte order mark', () => {
    expect(decode(fromHex('616200636400'))).toBe('ab')
    expect(decode(fromHex('00'))).toBe('')
    expect(decode(fromHex('efbbbf61'))).toBe('\ufeffa')
    expect(decodeText(fromHex('6162636465'), 1, 3)).toBe('bc')
  })
})

describe('hexadecimal digits', () => {
  it('are lower case and may be separated', () => {
    expect(toHex(Uint8Array.of(0, 10, 255))).toBe('000aff')
    expect(toHex(Uint8Array.of(2, 0, 0xab), ':')).toBe('02:00:ab')
    expect(toHex(new Uint8Array(0), ':')).toBe('')
  })

  it('are read with separators of any kind', () => {
    expect(fromHex(' 0A-ff:\n01 ')).toEqual(Uint8Array.of(10, 255, 1))
    assert(property(uint8Array(), (bytes) => void expect(fromHex(toHex(bytes))).toEqual(bytes)))
  })

  it('that are none are refused, and quoted', () => {
    expect(() => fromHex('123')).toThrow(new TypeError("not hexadecimal bytes: '123'"))
    expect(() => fromHex('0g')).toThrow("not hexadecimal bytes: '0g'")
  })
})
