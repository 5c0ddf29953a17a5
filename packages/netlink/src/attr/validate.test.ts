import { describe, expect, it, test } from 'vitest'
import {
  checkAttrs,
  type Extack,
  errno,
  fromHex,
  LIBERAL,
  OLD_STRICT,
  type Policy,
  type PolicyTable,
  STRICT,
  type Strictness,
  Writer,
} from '../index.ts'

/** Some bytes in front, so that an offset counted from the wrong place shows. */
const START = 20
const FAILED = 'Attribute failed policy validation'
const LENGTH = 'invalid attribute length'

const tableOf = (
  policies: Readonly<Record<number, Policy>>,
  options: { maxId?: number; strictFrom?: number } = {},
): PolicyTable => {
  const list: (Policy | undefined)[] = []
  for (const [id, policy] of Object.entries(policies)) list[Number(id)] = policy
  return {
    maxId: options.maxId ?? list.length - 1,
    strictFrom: options.strictFrom ?? Number.POSITIVE_INFINITY,
    policies: list,
  }
}

interface Result {
  readonly result: number
  readonly extack: Extack
  readonly found: Int32Array
}

function check(level: Strictness, table: PolicyTable, attrs: Uint8Array): Result {
  const bytes = new Uint8Array(START + attrs.length)
  bytes.fill(0xee, 0, START)
  bytes.set(attrs, START)
  const extack: Extack = {}
  const found = new Int32Array(table.maxId + 1).fill(-1)
  const result = checkAttrs(
    { bytes, view: new DataView(bytes.buffer), extack },
    START,
    bytes.length,
    table,
    level,
    found,
  )
  return { result, extack, found }
}

/** One attribute with this many bytes of payload, each 1; flags go into the type. */
const attr = (type: number, length: number, fill = 1): Uint8Array => {
  const w = new Writer()
  w.attrBytes(type, new Uint8Array(length).fill(fill))
  return w.take()
}
const attrHex = (type: number, payload: string): Uint8Array => {
  const w = new Writer()
  w.attrBytes(type, fromHex(payload))
  return w.take()
}
const join = (...parts: readonly Uint8Array[]): Uint8Array => {
  const w = new Writer()
  for (const part of parts) w.raw(part)
  return w.take()
}
const nested = (type: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const w = new Writer()
  const mark = w.begin(type)
  w.raw(join(...parts))
  w.end(mark)
  return w.take()
}

const NESTED = 0x8000
const BYTE_ORDER = 0x4000

/** What is expected at one level: `ok`, or errno, text, whether the attribute is pointed at and the policy told. */
type Verdict = 'ok' | readonly [code: keyof typeof errno, msg: string, told: 'nothing' | 'attr' | 'policy']

interface Row {
  readonly row: string
  readonly policy: Policy
  /** The attribute with id 1 that is checked. */
  readonly attr: Uint8Array
  readonly liberal: Verdict
  readonly oldStrict: Verdict
  readonly strict: Verdict
}

const same = (row: string, policy: Policy, bytes: Uint8Array, verdict: Verdict): Row => ({
  row,
  policy,
  attr: bytes,
  liberal: verdict,
  oldStrict: verdict,
  strict: verdict,
})
/** What only STRICT refuses. */
const strictly = (row: string, policy: Policy, bytes: Uint8Array, strict: Verdict, otherwise: Verdict = 'ok'): Row => ({
  row,
  policy,
  attr: bytes,
  liberal: otherwise,
  oldStrict: otherwise,
  strict,
})

const short: Verdict = ['ERANGE', FAILED, 'policy']
const wrongLength: Verdict = ['EINVAL', LENGTH, 'policy']
const outOfRange: Verdict = ['ERANGE', 'integer out of range', 'policy']

const FIXED = [
  ['u8', 1],
  ['u16', 2],
  ['u32', 4],
  ['u64', 8],
  ['s8', 1],
  ['s16', 2],
  ['s32', 4],
  ['s64', 8],
] as const

const ROWS: readonly Row[] = [
  // Rows 2 and 15: sizes of integers.
  ...FIXED.flatMap(([type, size]) => [
    same(`2: ${type} of its size`, { type }, attr(1, size), 'ok'),
    strictly(`2: ${type}, too long`, { type }, attr(1, size + 1), wrongLength),
    strictly(`15: ${type}, too short`, { type }, attr(1, size - 1), wrongLength, short),
  ]),
  // Big-endian numbers are never described.
  same('2: be16 of its size', { type: 'be16' }, attr(1, 2), 'ok'),
  strictly('2: be32, too long', { type: 'be32' }, attr(1, 5), ['EINVAL', LENGTH, 'attr']),
  strictly('15: be32, too short', { type: 'be32' }, attr(1, 3), ['EINVAL', LENGTH, 'attr'], ['ERANGE', FAILED, 'attr']),
  // Rows 3 and 4: the NESTED bit.
  strictly('3: nest without the bit', { type: 'nest' }, attr(1, 4), ['EINVAL', 'NLA_F_NESTED is missing', 'policy']),
  strictly('3: list of nests without the bit', { type: 'nest-array' }, attr(1, 0), [
    'EINVAL',
    'NLA_F_NESTED is missing',
    'policy',
  ]),
  same('3: nest with the bit', { type: 'nest' }, attr(1 | NESTED, 0), 'ok'),
  strictly('4: number with the bit', { type: 'u32' }, attr(1 | NESTED, 4), [
    'EINVAL',
    'NLA_F_NESTED not expected',
    'policy',
  ]),
  strictly('4: string with the bit', { type: 'string' }, attr(1 | NESTED, 4), [
    'EINVAL',
    'NLA_F_NESTED not expected',
    'policy',
  ]),
  strictly(
    '4: refused attribute with the bit',
    { type: 'reject' },
    attr(1 | NESTED, 4),
    ['EINVAL', 'NLA_F_NESTED not expected', 'attr'],
    ['EINVAL', FAILED, 'attr'],
  ),
  same(
    '4: the byte order bit is no part of the id and nobody minds it',
    { type: 'u32' },
    attr(1 | BYTE_ORDER, 4),
    'ok',
  ),
  // Rows 5 and 6: attributes that no request may have.
  same('5: refused with its own words', { type: 'reject', text: 'Primary attribute is read-only' }, attr(1, 1), [
    'EINVAL',
    'Primary attribute is read-only',
    'attr',
  ]),
  same('6: refused without a word', { type: 'reject' }, attr(1, 0), ['EINVAL', FAILED, 'attr']),
  // Row 7.
  same('7: flag', { type: 'flag' }, attr(1, 0), 'ok'),
  same('7: flag with a payload', { type: 'flag' }, attr(1, 1), short),
  // Row 8.
  ...(['uint', 'sint'] as const).flatMap((type) => [
    same(`8: ${type} of 4 bytes`, { type }, attr(1, 4), 'ok'),
    same(`8: ${type} of 8 bytes`, { type }, attr(1, 8), 'ok'),
    ...[0, 3, 5, 9].map((n) => same(`8: ${type} of ${n} bytes`, { type }, attr(1, n), wrongLength)),
  ]),
  // Rows 9 and 10: strings.
  same('9: NUL-string', { type: 'nul-string', max: 3 }, attrHex(1, '61626300'), 'ok'),
  same('9: NUL-string without its NUL', { type: 'nul-string', max: 3 }, attrHex(1, '616263'), [
    'EINVAL',
    FAILED,
    'policy',
  ]),
  same('9: NUL-string whose NUL comes too late', { type: 'nul-string', max: 3 }, attrHex(1, '6162636400'), [
    'EINVAL',
    FAILED,
    'policy',
  ]),
  same('9: NUL-string without a byte', { type: 'nul-string' }, attr(1, 0), ['EINVAL', FAILED, 'policy']),
  same('9: NUL-string of any length', { type: 'nul-string' }, attrHex(1, '61626364656667686900'), 'ok'),
  same(
    '10: NUL-string with more behind its NUL than fits',
    { type: 'nul-string', max: 3 },
    attrHex(1, '6100616161'),
    short,
  ),
  same('10: string without a NUL', { type: 'string', max: 3 }, attrHex(1, '616263'), 'ok'),
  same('10: string, one NUL not counted', { type: 'string', max: 3 }, attrHex(1, '61626300'), 'ok'),
  same('10: string, two NULs', { type: 'string', max: 3 }, attrHex(1, '6162630000'), short),
  same('10: string, too long', { type: 'string', max: 3 }, attrHex(1, '61626364'), short),
  same('10: string without a byte', { type: 'string', max: 3 }, attr(1, 0), short),
  same('10: string that is only a NUL', { type: 'string', max: 3 }, attrHex(1, '00'), 'ok'),
  // Rows 11 and 17: bytes.
  same('11: bytes', { type: 'binary', max: 4 }, attr(1, 4), 'ok'),
  same('11: no bytes', { type: 'binary', max: 4 }, attr(1, 0), 'ok'),
  same('11: bytes, too many', { type: 'binary', max: 4 }, attr(1, 5), short),
  ...[1, 9].map((n) =>
    same(`17: ${n} bytes instead of 2 to 8`, { type: 'binary', min: 2, max: 8 }, attr(1, n), [
      'ERANGE',
      'binary attribute size out of range',
      'policy',
    ]),
  ),
  same('17: bytes within', { type: 'binary', min: 2, max: 8 }, attr(1, 8), 'ok'),
  // Row 12.
  ...[1, 2, 3].map((n) => same(`12: nest of ${n} bytes`, { type: 'nest' }, attr(1 | NESTED, n), short)),
  ...[1, 3].map((n) => same(`12: list of nests of ${n} bytes`, { type: 'nest-array' }, attr(1 | NESTED, n), short)),
  // Rows 13 and 14: attributes without a type.
  strictly('13: without a type', { type: 'unspec' }, attr(1, 0), ['EINVAL', 'Unsupported attribute', 'attr']),
  strictly('13: without a type, NESTED bit and all', { type: 'unspec' }, attr(1 | NESTED, 4), [
    'EINVAL',
    'Unsupported attribute',
    'attr',
  ]),
  strictly(
    '14: shorter than declared',
    { type: 'unspec', min: 16 },
    attr(1, 15),
    ['EINVAL', 'Unsupported attribute', 'attr'],
    ['ERANGE', FAILED, 'attr'],
  ),
  strictly('14: as long as declared', { type: 'unspec', min: 16 }, attr(1, 16), [
    'EINVAL',
    'Unsupported attribute',
    'attr',
  ]),
  // Row 16: ranges.
  same('16: below', { type: 'u32', min: 2n }, attrHex(1, '01000000'), outOfRange),
  same('16: above', { type: 'u32', max: 2n }, attrHex(1, '03000000'), outOfRange),
  same('16: at either end', { type: 'u32', min: 2n, max: 2n }, attrHex(1, '02000000'), 'ok'),
  same('16: unsigned where the top bit is set', { type: 'u32', max: 0x7fff_ffffn }, attrHex(1, '000000ff'), outOfRange),
  same('16: signed below', { type: 's32', min: 0n }, attrHex(1, 'ffffffff'), outOfRange),
  same('16: signed, negative and allowed', { type: 's8', min: -1n, max: 0n }, attrHex(1, 'ff'), 'ok'),
  same('16: u64 above', { type: 'u64', max: 1n }, attrHex(1, '0000000000000080'), outOfRange),
  same('16: s64 below', { type: 's64', min: 0n }, attrHex(1, '0000000000000080'), outOfRange),
  same('16: uint of 8 bytes above', { type: 'uint', max: 1n }, attrHex(1, '0000000001000000'), outOfRange),
  same('16: sint of 4 bytes below', { type: 'sint', min: -1n }, attrHex(1, 'feffffff'), outOfRange),
  strictly(
    '16: of a longer one the leading bytes count',
    { type: 'u16', max: 1n },
    attrHex(1, '0100ffff'),
    wrongLength,
  ),
  strictly(
    '2: the size comes before the range',
    { type: 'u16', max: 1n },
    attrHex(1, '020000'),
    wrongLength,
    outOfRange,
  ),
  // Row 18.
  same('18: within the mask', { type: 'u32', mask: 3n }, attrHex(1, '03000000'), 'ok'),
  same('18: outside the mask', { type: 'u32', mask: 3n }, attrHex(1, '04000000'), [
    'EINVAL',
    'reserved bit set',
    'attr',
  ]),
  same('18: uint outside the mask, beyond 32 bits', { type: 'uint', mask: 1n }, attrHex(1, '0000000001000000'), [
    'EINVAL',
    'reserved bit set',
    'attr',
  ]),
  // Selected bits.
  same('bits within', { type: 'bitfield32', mask: 5 }, attrHex(1, '0100000005000000'), 'ok'),
  same('bits of a wrong size', { type: 'bitfield32', mask: 5 }, attr(1, 4), short),
  same('bits that are not there', { type: 'bitfield32', mask: 5 }, attrHex(1, '0200000003000000'), [
    'EINVAL',
    FAILED,
    'policy',
  ]),
  same('bits selected that are not there', { type: 'bitfield32', mask: 5 }, attrHex(1, '0000000002000000'), [
    'EINVAL',
    FAILED,
    'policy',
  ]),
  same('bits set that are not selected', { type: 'bitfield32', mask: 5 }, attrHex(1, '0500000001000000'), [
    'EINVAL',
    FAILED,
    'policy',
  ]),
]

const LEVELS = [
  { name: 'LIBERAL', level: LIBERAL, of: (r: Row) => r.liberal },
  { name: 'OLD-STRICT', level: OLD_STRICT, of: (r: Row) => r.oldStrict },
  { name: 'STRICT', level: STRICT, of: (r: Row) => r.strict },
] as const

const INDESCRIBABLE = new Set(['reject', 'unspec', 'be16', 'be32'])

describe.each(LEVELS)('$name', ({ level, of }) => {
  test.each(ROWS)('row $row', (row) => {
    // A sound attribute in front and one behind: what is refused must be this one.
    const table = tableOf({ 1: row.policy, 2: { type: 'u8' } })
    const before = attr(2, 1)
    const { result, extack, found } = check(level, table, join(before, row.attr, attr(2, 1)))
    const verdict = of(row)
    if (verdict === 'ok') {
      expect(result).toBe(0)
      expect(extack).toEqual({})
      expect([...found]).toEqual([0, START + before.length, START + before.length + row.attr.length])
      return
    }
    const [code, msg, told] = verdict
    expect(result).toBe(-errno[code])
    expect(extack.msg).toBe(msg)
    expect(extack.offset).toBe(START + before.length)
    if (told === 'policy') expect(extack.policy).toBe(row.policy)
    // Of what cannot be described nothing is told later on, whether it is noted here or not.
    else if (!INDESCRIBABLE.has(row.policy.type)) expect(extack.policy).toBeUndefined()
  })

  it('row 1: an unknown attribute is passed over or refused', () => {
    const table = tableOf({ 1: { type: 'u8' } })
    for (const type of [0, 2, 0x3fff, 2 | NESTED]) {
      const { result, extack, found } = check(level, table, join(attr(type, 3), attr(1, 1)))
      if (level === LIBERAL) {
        expect(result).toBe(0)
        expect(extack).toEqual({})
        expect([...found]).toEqual([0, START + 8])
      } else {
        expect(result).toBe(-errno.EINVAL)
        expect(extack).toEqual({ msg: 'Unknown attribute type', offset: START, policy: undefined })
      }
    }
  })

  it('an id without a row is one without a type', () => {
    const { result, extack } = check(level, tableOf({ 3: { type: 'u8' } }), attr(2, 1))
    expect([result, extack.msg]).toEqual(level === STRICT ? [-errno.EINVAL, 'Unsupported attribute'] : [0, undefined])
  })

  it('row 19: goes ten levels down and no further', () => {
    const table: PolicyTable = tableOf({ 1: { type: 'nest', inner: () => table }, 2: { type: 'u8' } })
    let inner = attr(2, 1)
    for (let i = 0; i < 9; i++) inner = nested(1 | NESTED, inner)
    expect(check(level, table, inner).result).toBe(0)
    const { result, extack } = check(level, table, nested(1 | NESTED, inner))
    expect(result).toBe(-errno.EINVAL)
    expect(extack).toEqual({ msg: 'allowed policy recursion depth exceeded' })
  })

  it('row 20: bytes behind the last attribute are told and, but for LIBERAL, refused', () => {
    const table = tableOf({ 1: { type: 'u8' } })
    const leftovers = ['00', '0000', '000000', '03000100', '00000000', '0500010099'.slice(0, 8), 'ff000100']
    for (const leftover of leftovers) {
      const { result, extack, found } = check(level, table, join(attr(1, 1), fromHex(leftover)))
      expect(result).toBe(level === LIBERAL ? 0 : -errno.EINVAL)
      expect(extack).toEqual({ msg: 'bytes leftover after parsing attributes' })
      expect(found[1]).toBe(START)
    }
  })

  it('row 20: less padding than there should be behind the last attribute is none of that', () => {
    const { result, extack } = check(level, tableOf({ 1: { type: 'u8' } }), attr(1, 1).subarray(0, 5))
    expect([result, extack]).toEqual([0, {}])
  })

  it('checks in wire order, nests where they stand, and stops at the first that fails', () => {
    const inner = tableOf({ 1: { type: 'u8', max: 1n } })
    const table = tableOf({
      1: { type: 'nest', inner: () => inner },
      2: { type: 'u32', max: 0n },
      3: { type: 'u8', max: 0n },
    })
    const bytes = join(attr(3, 1, 0), nested(1 | NESTED, attr(1, 1), attr(1, 1, 2)), attr(2, 4))
    const { result, extack, found } = check(level, table, bytes)
    expect(result).toBe(-errno.ERANGE)
    expect(extack).toEqual({ msg: 'integer out of range', offset: START + 8 + 4 + 8, policy: inner.policies[1] })
    expect([...found]).toEqual([0, 0, 0, START])
  })

  it('of an attribute that stands twice the last one counts, and both are checked', () => {
    const table = tableOf({ 1: { type: 'u8', max: 1n } })
    expect([...check(level, table, join(attr(1, 1), attr(1, 1))).found]).toEqual([0, START + 8])
    expect(check(level, table, join(attr(1, 1, 2), attr(1, 1))).result).toBe(-errno.ERANGE)
    expect(check(level, table, join(attr(1, 1), attr(1, 1, 2))).result).toBe(-errno.ERANGE)
  })

  it('a list checks the inside of each item that has one', () => {
    const item = tableOf({ 1: { type: 'u8', max: 1n } })
    const table = tableOf({ 1: { type: 'nest-array', inner: () => item } })
    const list = (...items: readonly Uint8Array[]) => nested(1 | NESTED, ...items)
    expect(check(level, table, list(nested(1, attr(1, 1)), attr(2, 0), nested(3 | NESTED, attr(1, 1)))).result).toBe(0)
    const bad = check(level, table, list(nested(1, attr(1, 1)), nested(2, attr(1, 1, 2))))
    expect([bad.result, bad.extack.offset]).toEqual([-errno.ERANGE, START + 4 + 12 + 4])
    const stub = check(level, table, list(attr(1, 3)))
    expect([stub.result, stub.extack]).toEqual([
      -errno.ERANGE,
      { msg: 'Array element too short', offset: START + 4, policy: table.policies[1] },
    ])
  })

  it('a nest that is not looked into may hold anything', () => {
    expect(
      check(level, tableOf({ 1: { type: 'nest' } }), nested(1 | NESTED, attr(0, 3), fromHex('ffffffff'))).result,
    ).toBe(0)
  })
})

describe('strictness of single attributes', () => {
  const table = tableOf({ 1: { type: 'u32' }, 2: { type: 'u32' } }, { strictFrom: 2 })

  it('from some id on is STRICT whatever the level of the request', () => {
    expect(check(LIBERAL, table, attr(1, 5)).result).toBe(0)
    expect(check(LIBERAL, table, attr(2, 5)).result).toBe(-errno.EINVAL)
    expect(check(LIBERAL, table, attr(3, 5)).result).toBe(0)
    expect(check(OLD_STRICT, table, attr(2 | NESTED, 4)).extack.msg).toBe('NLA_F_NESTED not expected')
  })
})

it('what is checked twice with one record does not keep old places', () => {
  const table = tableOf({ 1: { type: 'u8' }, 2: { type: 'u8' } })
  const bytes = attr(1, 1)
  const c = { bytes, view: new DataView(bytes.buffer), extack: {} }
  const found = Int32Array.of(7, 7, 7, 99)
  expect(checkAttrs(c, 0, bytes.length, table, LIBERAL, found)).toBe(0)
  expect([...found]).toEqual([0, 0, 0, 99])
})
