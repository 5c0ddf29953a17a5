import { assert, property, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { align4, Data, decodeText, toHex, Writer } from '../index.ts'

const hex = (w: Writer): string => toHex(w.take())

describe('numbers', () => {
  it('are little endian', () => {
    const w = new Writer().u8(0x01).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0d0e0fn)
    expect(hex(w)).toBe('010302070605040f0e0d0c0b0a0908')
  })

  it('of 64 bits may be given as a safe integer', () => {
    for (const n of [0, 1, 0xffff_ffff, 0x1_0000_0000, Number.MAX_SAFE_INTEGER]) {
      expect(hex(new Writer().u64n(n))).toBe(hex(new Writer().u64(BigInt(n))))
    }
  })
})

describe('room', () => {
  it('grows from nothing and keeps what was written', () => {
    const w = new Writer(0)
    for (let i = 0; i < 10_000; i++) w.u8(i & 0xff)
    expect(w.length).toBe(10_000)
    expect(w.take().every((byte, i) => byte === (i & 0xff))).toBe(true)
  })

  it('is used again after reset, without remains', () => {
    const w = new Writer(16)
    w.raw(new Uint8Array(16).fill(0xff))
    w.reset()
    w.attrU8(1, 2)
    w.attrBytes(2, Uint8Array.of(9))
    w.attrString(3, 'ab')
    expect(hex(w)).toBe('050001000200000005000200090000000700030061620000')
  })

  it('gives copies away', () => {
    const w = new Writer()
    const first = w.u32(1).take()
    w.reset().u32(2)
    expect(toHex(first)).toBe('01000000')
    expect(toHex(w.u32(3).take(4))).toBe('03000000')
  })
})

describe('attributes', () => {
  it('are padded to 4 bytes, which their length does not count', () => {
    assert(
      property(uint8Array({ maxLength: 40 }), (payload) => {
        const w = new Writer(4)
        w.attrBytes(7, payload)
        const data = new Data(w.take())
        expect(data.bytes.length).toBe(align4(4 + payload.length))
        expect([data.u16(0), data.u16(2)]).toEqual([4 + payload.length, 7])
        expect(data.bytes.subarray(4, 4 + payload.length)).toEqual(payload)
        expect(data.bytes.subarray(4 + payload.length).every((byte) => byte === 0)).toBe(true)
      }),
    )
  })

  it('of each type look as the kernel has them', () => {
    expect(hex(new Writer().attrFlag(1))).toBe('04000100')
    expect(hex(new Writer().attrU8(1, 0x1ff))).toBe('05000100ff000000')
    expect(hex(new Writer().attrU16(1, 0x1ffff))).toBe('06000100ffff0000')
    expect(hex(new Writer().attrU32(1, -1))).toBe('08000100ffffffff')
    expect(hex(new Writer().attrU64(1, 1n))).toBe('0c0001000100000000000000')
    expect(hex(new Writer().attrUint(1, 0xffff_ffff))).toBe('08000100ffffffff')
    expect(hex(new Writer().attrUint(1, 0x1_0000_0002))).toBe('0c0001000200000001000000')
    expect(hex(new Writer().attrString(1, 'abc'))).toBe('0800010061626300')
    expect(hex(new Writer().attrString(1, ''))).toBe('0500010000000000')
    expect(hex(new Writer().attrString(1, '\u00e9'))).toBe('07000100c3a90000')
  })

  it('nest: the outer length counts the padding of what is inside', () => {
    const w = new Writer()
    const outer = w.beginNest(2)
    w.attrU8(1, 1)
    w.end(outer)
    expect(hex(w)).toBe('0c0002800500010001000000')
  })

  it('can be taken back', () => {
    const w = new Writer().u32(1)
    const mark = w.beginNest(2)
    w.attrString(3, 'gone')
    expect(hex(w.cancel(mark))).toBe('01000000')
  })

  it('are refused when they are longer than their length field can say', () => {
    const w = new Writer()
    w.attrBytes(1, new Uint8Array(65_531))
    expect(new Data(w.take()).u16(0)).toBe(65_535)
    expect(() => new Writer().attrBytes(1, new Uint8Array(65_532))).toThrow(RangeError)
    expect(() => new Writer().attrString(1, 'x'.repeat(65_531))).toThrow('an attribute of 65532 bytes')
    const nested = new Writer()
    const mark = nested.beginNest(1)
    nested.attrBytes(1, new Uint8Array(40_000)).attrBytes(2, new Uint8Array(40_000))
    expect(() => nested.end(mark)).toThrow(RangeError)
  })
})

it('text is UTF-8 with a NUL that is not part of it', () => {
  const w = new Writer()
  w.attrString(1, 'dr\u00fcben \u{1f426}')
  const bytes = w.take()
  expect(decodeText(bytes, 4, bytes.length)).toBe('dr\u00fcben \u{1f426}')
})
