import { describe, expect, it } from 'vitest'
import {
  AttrTrimmer,
  attrTable,
  hasSince,
  NO_ATTRS,
  nest,
  PolicyView,
  policyOf,
  ranged,
  toHex,
  u16,
  u32,
  Writer,
} from '../index.ts'

const INNER = attrTable('inner', {
  old: { id: 1, c: 'I_OLD', codec: u32 },
  young: { id: 2, c: 'I_NEW', since: '7.1', codec: u32 },
})
const TABLE = attrTable(
  'table',
  {
    first: {
      id: 1,
      c: 'T_FIRST',
      codec: ranged(u32, { max: 5 }),
      earlier: { before: '6.13', policy: { type: 'u32' } },
    },
    middle: { id: 2, c: 'T_MIDDLE', since: '6.13', codec: u16 },
    nested: { id: 3, c: 'T_NESTED', codec: nest(INNER) },
    last: { id: 5, c: 'T_LAST', since: '7.3', codec: u16 },
  },
  { strictFrom: 2, strictSince: '6.13' },
)

describe('a release', () => {
  it('is compared number by number', () => {
    expect(hasSince('6.12', '6.9')).toBe(true)
    expect(hasSince('6.12', '6.12')).toBe(true)
    expect(hasSince('6.12', '6.13')).toBe(false)
    expect(hasSince('6.12', '7.0')).toBe(false)
    expect(hasSince('7.3', '6.12')).toBe(true)
    expect(hasSince('7.3', undefined)).toBe(true)
  })
})

describe('the policies of a release', () => {
  const view = new PolicyView('6.12')
  const old = view.of(TABLE.policy)

  it('end where its attributes end, and leave out what came later', () => {
    expect(old.maxId).toBe(3)
    expect(old.policies.map((p) => p?.type)).toEqual([undefined, 'u32', undefined, 'nest'])
    expect(TABLE.policy.maxId).toBe(5)
  })

  it('are those that it had', () => {
    expect(old.policies[1]).toEqual({ type: 'u32' })
    expect(old.strictFrom).toBe(Number.POSITIVE_INFINITY)
    expect(new PolicyView('6.13').of(TABLE.policy)).toMatchObject({ maxId: 3, strictFrom: 2 })
  })

  it('reach into nests', () => {
    const nested = old.policies[3]
    expect(nested?.type === 'nest' && nested.inner?.()).toBe(view.of(INNER.policy))
    expect(view.of(INNER.policy).maxId).toBe(1)
  })

  it('are the same for the same table', () => {
    expect(view.of(TABLE.policy)).toBe(old)
  })

  it('of a request that takes an attribute later than it is known', () => {
    const taken = policyOf(TABLE, { first: true, nested: true }, { nested: '6.18' })
    expect(view.of(taken).policies.length).toBe(2)
    expect(view.of(policyOf(TABLE, { nested: true }, { nested: '6.18' }))).toBe(NO_ATTRS)
  })
})

describe('a message for a release', () => {
  const message = (): Writer => {
    const w = new Writer().u32(0xdead_beef)
    w.attrU32(1, 7).attrU16(2, 8)
    const inner = w.beginNest(3)
    w.attrU32(1, 9).attrU32(2, 10)
    return w.end(inner).attrU16(4, 11).attrU16(5, 12)
  }

  it('loses what the release does not know, in nests too, and keeps what nobody knows', () => {
    const w = message()
    new AttrTrimmer('6.12').trim(w, 4, TABLE)
    expect(toHex(w.take())).toBe('efbeadde08000100070000000c0003800800010009000000060004000b000000')
  })

  it('is whole for the newest one', () => {
    const w = message()
    new AttrTrimmer('7.3').trim(w, 4, TABLE)
    expect(toHex(w.take())).toBe(toHex(message().take()))
  })
})
