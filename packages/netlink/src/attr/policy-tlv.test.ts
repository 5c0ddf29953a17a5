import { describe, expect, it, test } from 'vitest'
import {
  Data,
  decodeAttrs,
  isDescribable,
  POLICY_TLV,
  type Policy,
  type PolicyTlv,
  rangeOf,
  toHex,
  Writer,
  writePolicy,
} from '../index.ts'

const write = (policy: Policy): Uint8Array => {
  const w = new Writer()
  writePolicy(w, policy)
  return w.take()
}
const read = (bytes: Uint8Array): PolicyTlv => decodeAttrs(POLICY_TLV, new Data(bytes), 0, bytes.length)
/** The ids of the attributes, in the order in which they stand. */
const order = (bytes: Uint8Array): number[] => {
  const data = new Data(bytes)
  const ids: number[] = []
  for (let at = 0; at < bytes.length; at += (data.u16(at) + 3) & ~3) ids.push(data.u16(at + 2))
  return ids
}

interface Row {
  readonly policy: Policy
  readonly told: PolicyTlv
  /** Ids in their order; TYPE (1) is the last. */
  readonly ids: readonly number[]
}

const ROWS: readonly Row[] = [
  { policy: { type: 'u8' }, told: { minU: 0n, maxU: 0xffn, type: 2 }, ids: [4, 5, 1] },
  { policy: { type: 'u16' }, told: { minU: 0n, maxU: 0xffffn, type: 3 }, ids: [4, 5, 1] },
  { policy: { type: 'u32' }, told: { minU: 0n, maxU: 0xffff_ffffn, type: 4 }, ids: [4, 5, 1] },
  { policy: { type: 'u32', min: 1n }, told: { minU: 1n, maxU: 0xffff_ffffn, type: 4 }, ids: [4, 5, 1] },
  { policy: { type: 'u32', min: 0n, max: 1n }, told: { minU: 0n, maxU: 1n, type: 4 }, ids: [4, 5, 1] },
  { policy: { type: 'u64' }, told: { minU: 0n, maxU: (1n << 64n) - 1n, type: 5 }, ids: [4, 5, 1] },
  { policy: { type: 'uint', max: 9n }, told: { minU: 0n, maxU: 9n, type: 17 }, ids: [4, 5, 1] },
  { policy: { type: 'u32', mask: 3n }, told: { mask: 3n, type: 4 }, ids: [12, 1] },
  { policy: { type: 'uint', mask: 1n }, told: { mask: 1n, type: 17 }, ids: [12, 1] },
  { policy: { type: 's8' }, told: { minS: -0x80n, maxS: 0x7fn, type: 6 }, ids: [2, 3, 1] },
  { policy: { type: 's16' }, told: { minS: -0x8000n, maxS: 0x7fffn, type: 7 }, ids: [2, 3, 1] },
  { policy: { type: 's32', min: 0n }, told: { minS: 0n, maxS: 0x7fff_ffffn, type: 8 }, ids: [2, 3, 1] },
  { policy: { type: 's64' }, told: { minS: -(1n << 63n), maxS: (1n << 63n) - 1n, type: 9 }, ids: [2, 3, 1] },
  { policy: { type: 'sint' }, told: { minS: -(1n << 63n), maxS: (1n << 63n) - 1n, type: 16 }, ids: [2, 3, 1] },
  { policy: { type: 'binary' }, told: { type: 10 }, ids: [1] },
  { policy: { type: 'binary', max: 32 }, told: { maxLength: 32, type: 10 }, ids: [7, 1] },
  { policy: { type: 'binary', min: 2, max: 8 }, told: { minLength: 2, maxLength: 8, type: 10 }, ids: [6, 7, 1] },
  { policy: { type: 'binary', min: 2, max: 65535 }, told: { minLength: 2, type: 10 }, ids: [6, 1] },
  { policy: { type: 'string', max: 15 }, told: { maxLength: 15, type: 11 }, ids: [7, 1] },
  { policy: { type: 'string' }, told: { type: 11 }, ids: [1] },
  { policy: { type: 'nul-string', max: 127 }, told: { maxLength: 127, type: 12 }, ids: [7, 1] },
  { policy: { type: 'flag' }, told: { type: 1 }, ids: [1] },
  { policy: { type: 'nest' }, told: { type: 13 }, ids: [1] },
  { policy: { type: 'nest-array' }, told: { type: 14 }, ids: [1] },
  { policy: { type: 'bitfield32', mask: 5 }, told: { bitfield32Mask: 5, type: 15 }, ids: [10, 1] },
]

describe('a policy as the kernel describes it', () => {
  test.each(ROWS)('$policy', ({ policy, told, ids }) => {
    expect(isDescribable(policy)).toBe(true)
    const bytes = write(policy)
    expect(read(bytes)).toEqual(told)
    expect(order(bytes)).toEqual(ids)
  })

  it('is left out where there is nothing to describe', () => {
    for (const type of ['reject', 'unspec', 'be16', 'be32'] as const) expect(isDescribable({ type })).toBe(false)
  })

  it('looks as recorded', () => {
    expect(toHex(write({ type: 'u32', max: 1n }))).toBe(
      '0c00040000000000000000000c00050001000000000000000800010004000000',
    )
  })
})

it('the range of a type is all that it can hold, where nothing else is said', () => {
  expect(rangeOf({ type: 'u8' })).toEqual({ min: 0n, max: 255n })
  expect(rangeOf({ type: 's32', max: 5n })).toEqual({ min: -0x8000_0000n, max: 5n })
  expect(rangeOf({ type: 'uint', min: 3n })).toEqual({ min: 3n, max: (1n << 64n) - 1n })
})
