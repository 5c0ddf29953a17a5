import { describe, expect, expectTypeOf, it } from 'vitest'
import { Data, fromHex, s32, string, struct, toHex, u8, u16, u32, u64, type ValueOf, Writer } from '../index.ts'

const header = struct('header', { family: u8, pad: u8, type: u16, index: s32 })
const lenient = struct('counters', { rx: u64, tx: u64, errors: u32 }, true)

const encode = (codec: typeof header | typeof lenient, value: object): string => {
  const w = new Writer()
  codec.encode(value, w)
  return toHex(w.take())
}

describe('a structure', () => {
  it('has the size of its fields', () => {
    expect(header.size).toBe(8)
    expect(lenient.size).toBe(20)
    expect(header.policy).toEqual({ type: 'unspec', min: 8 })
  })

  it('sends what is not given as zero', () => {
    expect(encode(header, { index: -1 })).toBe('00000000ffffffff')
    expect(encode(lenient, { tx: 1n })).toBe('0000000000000000010000000000000000000000')
  })

  it('is read field by field', () => {
    const data = new Data(fromHex('aa0201030405000000'))
    expect(header.decode(data, 1, 9)).toEqual({ family: 2, pad: 1, type: 0x0403, index: 5 })
  })

  it('of another size is refused where it begins', () => {
    expect(() => header.decode(new Data(new Uint8Array(12)), 4, 11)).toThrow('byte 4: header of 7 bytes, expected 8')
  })

  it('may be lenient: older ones are shorter, newer ones longer', () => {
    const bytes = fromHex('0100000000000000020000000000000003000000ffffffff')
    const read = (length: number) => lenient.decode(new Data(bytes), 0, length)
    expect(read(24)).toEqual({ rx: 1n, tx: 2n, errors: 3 })
    expect(read(16)).toEqual({ rx: 1n, tx: 2n, errors: 0 })
    expect(read(15)).toEqual({ rx: 1n, tx: 0n, errors: 0 })
    expect(read(0)).toEqual({ rx: 0n, tx: 0n, errors: 0 })
  })

  it('refuses a field that does not fit, and one whose size is not known', () => {
    expect(() => encode(header, { family: 256 })).toThrow('256 does not fit into u8')
    // biome-ignore lint/suspicious/noExplicitAny: what the types refuse
    expect(() => struct('odd', { name: string() as any })).toThrow('odd.name: string has no fixed size')
  })

  it('is typed by its fields', () => {
    expectTypeOf<ValueOf<typeof header>>().toEqualTypeOf<
      Partial<{ family: number; pad: number; type: number; index: number }>
    >()
    expectTypeOf(header.decode).returns.toEqualTypeOf<{ family: number; pad: number; type: number; index: number }>()
    expectTypeOf(lenient.decode).returns.toEqualTypeOf<{ rx: bigint; tx: bigint; errors: number }>()
  })
})
