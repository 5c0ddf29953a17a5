import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  type AttrsOf,
  attrTable,
  binary,
  type Codec,
  Data,
  decodeAttrs,
  encodeAttrs,
  enumOf,
  flag,
  fromHex,
  lazy,
  nest,
  nestArray,
  policyOf,
  type RawAttr,
  string,
  toHex,
  u8,
  u16,
  u32,
  u64,
  Writer,
} from '../index.ts'

const QUEUE = attrTable('queue', {
  id: { id: 1, c: 'A_QUEUE_ID', codec: u32 },
  type: { id: 3, c: 'A_QUEUE_TYPE', codec: enumOf(u32, { rx: 0, tx: 1 }) },
})

const DEVICE = attrTable(
  'device',
  {
    name: { id: 5, c: 'A_NAME', codec: string(15) },
    mtu: { id: 1, c: 'A_MTU', codec: u16, access: 'create' },
    features: { id: 2, c: 'A_FEATURES', codec: u64, access: 'read', policy: { type: 'reject' } },
    queues: { id: 3, c: 'A_QUEUES', codec: nest(QUEUE), multi: true },
    fast: { id: 4, c: 'A_FAST', codec: flag },
    ops: { id: 7, c: 'A_OPS', codec: nestArray(QUEUE) },
    raw: { id: 8, c: 'A_RAW', codec: binary() },
  },
  { maxId: 9, strictFrom: 7 },
)
type DeviceAttrs = AttrsOf<typeof DEVICE>

const encode = (attrs: DeviceAttrs): string => {
  const w = new Writer()
  encodeAttrs(DEVICE, attrs, w)
  return toHex(w.take())
}
const decode = (hex: string): DeviceAttrs => {
  const bytes = fromHex(hex)
  return decodeAttrs(DEVICE, new Data(bytes), 0, bytes.length)
}

describe('types', () => {
  it('of the values follow from the table', () => {
    expectTypeOf<DeviceAttrs['name']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<DeviceAttrs['mtu']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<DeviceAttrs['features']>().toEqualTypeOf<bigint | undefined>()
    expectTypeOf<DeviceAttrs['fast']>().toEqualTypeOf<true | undefined>()
    expectTypeOf<DeviceAttrs['raw']>().toEqualTypeOf<Uint8Array | undefined>()
    expectTypeOf<DeviceAttrs['queues']>().toEqualTypeOf<readonly AttrsOf<typeof QUEUE>[] | undefined>()
    expectTypeOf<DeviceAttrs['ops']>().toEqualTypeOf<readonly AttrsOf<typeof QUEUE>[] | undefined>()
    expectTypeOf<AttrsOf<typeof QUEUE>['type']>().toEqualTypeOf<'rx' | 'tx' | number | undefined>()
    expectTypeOf<DeviceAttrs['rest']>().toEqualTypeOf<readonly RawAttr[] | undefined>()
    expectTypeOf<keyof DeviceAttrs>().toEqualTypeOf<
      'name' | 'mtu' | 'features' | 'queues' | 'fast' | 'ops' | 'raw' | 'rest'
    >()
  })

  it('refuse what the table does not have', () => {
    // @ts-expect-error there is no such attribute
    expect(encode({ nmae: 'x' })).toBe('')
    // @ts-expect-error a number, not a string
    expect(() => encode({ mtu: 'big' })).toThrow(RangeError)
    // @ts-expect-error neither a name of the enum nor a number
    expect(() => encode({ queues: [{ type: 'both' }] })).toThrow(RangeError)
  })

  it('of ids are the names of the table', () => {
    expectTypeOf(DEVICE.ids).toEqualTypeOf<{
      readonly [K in 'name' | 'mtu' | 'features' | 'queues' | 'fast' | 'ops' | 'raw']: number
    }>()
  })
})

describe('a table', () => {
  it('knows ids by name and rows by id', () => {
    expect(DEVICE.ids).toEqual({ name: 5, mtu: 1, features: 2, queues: 3, fast: 4, ops: 7, raw: 8 })
    expect(DEVICE.byId[5]).toMatchObject({ key: 'name', c: 'A_NAME' })
    expect(DEVICE.byId[6]).toBeUndefined()
  })

  it('tells what a kernel checks: the row’s word before the codec’s, up to the highest id', () => {
    expect(DEVICE.policy.maxId).toBe(9)
    expect(DEVICE.policy.strictFrom).toBe(7)
    expect(DEVICE.policy.policies.slice(1, 6)).toEqual([
      { type: 'u16' },
      { type: 'reject' },
      QUEUE_POLICY,
      { type: 'flag' },
      { type: 'string', max: 15 },
    ])
    expect(DEVICE.policy.policies[6]).toBeUndefined()
    expect(DEVICE.policy.policies[9]).toBeUndefined()
  })

  it('does not have an id twice', () => {
    expect(() => attrTable('twice', { a: { id: 1, c: 'A', codec: u8 }, b: { id: 1, c: 'B', codec: u8 } })).toThrow(
      'twice: id 1 is declared twice',
    )
  })

  it('of a request that takes some attributes ends with the highest of them', () => {
    const policy = policyOf(DEVICE, { mtu: true, features: true, queues: { type: 'nest' } })
    expect(policy.maxId).toBe(3)
    expect(policy.policies.slice(1)).toEqual([{ type: 'u16' }, { type: 'reject' }, { type: 'nest' }])
    expect(policyOf(DEVICE, { name: true }).policies[1]).toBeUndefined()
    expect(policyOf(QUEUE, {})).toMatchObject({ maxId: -1, policies: [] })
  })
})

const QUEUE_POLICY = { type: 'nest', inner: expect.any(Function) }

describe('attributes', () => {
  it('are written in the order of their ids, whatever the order they are given in', () => {
    expect(encode({ name: 'a', fast: true, mtu: 68 })).toBe('0600010044000000040004000600050061000000')
  })

  it('that are undefined are not sent; those that are zero or empty are', () => {
    expect(encode({ name: undefined, mtu: 0, raw: new Uint8Array(0), queues: [] })).toBe('060001000000000004000800')
  })

  it('that may stand several times do, nests with their bit', () => {
    expect(encode({ queues: [{ id: 1 }, { type: 'tx' }] })).toBe('0c00038008000100010000000c0003800800030001000000')
    expect(decode('0c00038008000100010000000c0003800800030001000000')).toEqual({ queues: [{ id: 1 }, { type: 'tx' }] })
  })

  it('of which one that stands once stands twice: the last one counts', () => {
    expect(decode('06000100440000000600010045000000')).toEqual({ mtu: 69 })
  })

  it('nobody knows survive with their flag bits, behind those that are known', () => {
    const attrs = decode('050063400100000006000100440000000400ff3f')
    expect(attrs).toEqual({
      mtu: 68,
      rest: [
        { type: 0x4063, payload: Uint8Array.of(1) },
        { type: 0x3fff, payload: new Uint8Array(0) },
      ],
    })
    expect(encode(attrs)).toBe('060001004400000005006340010000000400ff3f')
  })

  it('numbered from 1 make a list, whatever they are numbered in fact', () => {
    expect(encode({ ops: [{ id: 1 }, {}] })).toBe('140007000c000180080001000100000004000280')
    expect(decode('140007800c000900080001000100000004000980').ops).toEqual([{ id: 1 }, {}])
  })

  it('that do not fit are refused by name, the way down to them', () => {
    expect(() => encode({ mtu: 65536 })).toThrow(new RangeError('mtu: 65536 does not fit into u16'))
    expect(() => encode({ queues: [{ id: 1 }, { id: -1 }] })).toThrow('queues: id: -1 does not fit into u32')
  })

  it.each([
    { what: 'an attribute cut off', hex: '06000100440000000800050061', at: 8 },
    { what: 'a length below 4', hex: '0300010000000000', at: 0 },
    { what: 'less than a header left', hex: '06000100440000000400', at: 8 },
    { what: 'a number too short, in a nest', hex: '0a0003800600010001000000', at: 8 },
    { what: 'a nest cut off inside', hex: '0c0003800900010001000000', at: 4 },
    { what: 'a list cut off inside', hex: '0800078005000100', at: 4 },
  ])('with $what name the byte that is wrong', ({ hex, at }) => {
    expect(() => decode(hex)).toThrow(expect.objectContaining({ name: 'DecodeError', offset: at }))
  })

  it('count offsets from the start of the bytes, not from where they were told to begin', () => {
    const bytes = fromHex('ffffffff0500010000000000')
    expect(() => decodeAttrs(DEVICE, new Data(bytes), 4, bytes.length)).toThrow('byte 8: u16 of 1 bytes, expected 2')
  })

  it('without padding behind the last one are fine', () => {
    expect(decode('060001004400')).toEqual({ mtu: 68 })
  })
})

describe('tables that refer to each other', () => {
  interface Tree {
    readonly value?: number
    readonly child?: Tree
    readonly rest?: readonly RawAttr[]
  }
  const TREE = attrTable('tree', {
    value: { id: 1, c: 'A_VALUE', codec: u32 },
    child: { id: 2, c: 'A_CHILD', codec: lazy('nest', { type: 'nest' }, (): Codec<Tree> => nest(TREE as never)) },
  })
  const deep = (levels: number): Uint8Array => {
    const w = new Writer()
    const marks = Array.from({ length: levels - 1 }, () => w.beginNest(2))
    w.attrU32(1, 7)
    for (const mark of marks.reverse()) w.end(mark)
    return w.take()
  }

  it('are followed', () => {
    const bytes = deep(3)
    const value = decodeAttrs(TREE, new Data(bytes), 0, bytes.length)
    expect(value).toEqual({ child: { child: { value: 7 } } })
    const w = new Writer()
    encodeAttrs(TREE, value, w)
    expect(w.take()).toEqual(bytes)
    expect(TREE.byId[2]?.codec.table?.()).toBe(TREE)
  })

  it('are not followed for ever: hostile bytes cannot exhaust the stack', () => {
    const sound = deep(32)
    expect(() => decodeAttrs(TREE, new Data(sound), 0, sound.length)).not.toThrow()
    const hostile = deep(16_000)
    const data = new Data(hostile)
    const attempt = () => decodeAttrs(TREE, data, 0, hostile.length)
    expect(attempt).toThrow('byte 128: attributes are nested deeper than 32 levels')
    // The same again: a refusal leaves nothing behind.
    expect(attempt).toThrow('byte 128: ')
  })

  it('are read once on each level, also where what was learnt from others misleads', () => {
    let read = 0
    const counted: Codec<number> = {
      ...u32,
      decode(...args) {
        read++
        return u32.decode(...args)
      },
    }
    interface Wide {
      readonly child?: Wide
      readonly [n: string]: unknown
    }
    const WIDE = attrTable('wide', {
      child: { id: 1, c: 'A_CHILD', codec: lazy('nest', { type: 'nest' }, (): Codec<Wide> => nest(WIDE as never)) },
      ...Object.fromEntries([2, 3, 4, 5, 6, 7].map((id) => [`n${id}`, { id, c: `A_${id}`, codec: counted }])),
    })
    const deepWide = (last: number): Uint8Array => {
      const w = new Writer()
      const level = (depth: number): void => {
        if (depth > 0) {
          const mark = w.beginNest(1)
          level(depth - 1)
          w.end(mark)
        }
        for (const id of [2, 3, 4, 5, 6, last]) w.attrU32(id, id)
      }
      level(24)
      return w.take()
    }
    for (const last of [7, 99, 7, 99]) {
      const bytes = deepWide(last)
      read = 0
      decodeAttrs(WIDE, new Data(bytes), 0, bytes.length)
      expect(read).toBe(25 * (last === 7 ? 6 : 5))
    }
  })
})
