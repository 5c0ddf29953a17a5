import { describe, expect, it, test } from 'vitest'
import {
  type Ack,
  decodeAck,
  decodeDone,
  type Extack,
  fromHex,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_ERROR,
  splitMessages,
  toHex,
  Writer,
  writeAck,
} from '../index.ts'
import { done } from '../testing/index.ts'

/** A request of 21 bytes: sequence number 7, port id 9 in its header, five bytes of payload. */
const REQUEST = fromHex('150000001200050007000000090000000102030405')

interface Options {
  readonly capAck?: boolean
  readonly extAck?: boolean
}

function ack(error: number, extack: Extack, { capAck = false, extAck = true }: Options = {}): Uint8Array {
  const w = new Writer()
  // The request stands in the middle of a datagram.
  const datagram = new Uint8Array([...new Array(8).fill(0xaa), ...REQUEST, 0xbb, 0xbb, 0xbb])
  writeAck(w, datagram, 8, 8 + REQUEST.length, error, extack, { portId: 42, capAck, extAck })
  return w.take()
}

const read = (bytes: Uint8Array): Ack => decodeAck(splitMessages(bytes)[0])
const flagsOf = (bytes: Uint8Array): number => splitMessages(bytes)[0].header.flags

const EVERYTHING: Extack = {
  msg: 'no',
  cookie: Uint8Array.of(1, 2, 3),
  offset: 20,
  policy: { type: 'u32', max: 1n },
  missType: 8,
  missNest: 36,
}

describe('an acknowledgement', () => {
  it('is 36 bytes, capped, and answers the request', () => {
    const bytes = ack(0, {})
    expect(toHex(bytes)).toBe(`2400000002000001070000002a00000000000000${toHex(REQUEST.subarray(0, 16))}`)
    expect(read(bytes)).toEqual({
      errno: 0,
      extack: {},
      request: { length: 21, type: 18, flags: 5, seq: 7, portId: 9 },
    })
  })

  it('carries the words and the cookie of a success, but nothing that points into the request', () => {
    const bytes = ack(0, EVERYTHING)
    expect(flagsOf(bytes)).toBe(NLM_F_CAPPED | NLM_F_ACK_TLVS)
    expect(read(bytes).extack).toEqual({ msg: 'no', cookie: Uint8Array.of(1, 2, 3) })
    expect(flagsOf(ack(0, { offset: 20, missType: 1 }))).toBe(NLM_F_CAPPED)
  })
})

describe('an error', () => {
  it('carries the request, padded with zeros', () => {
    const bytes = ack(-22, {})
    expect(bytes).toHaveLength(16 + 4 + 24)
    expect(flagsOf(bytes)).toBe(0)
    expect(toHex(bytes.subarray(20))).toBe(`${toHex(REQUEST)}000000`)
    expect(read(bytes)).toMatchObject({ errno: 22, extack: {}, request: { seq: 7 } })
  })

  it('leaves the payload of the request out where that is wanted', () => {
    const bytes = ack(-22, {}, { capAck: true })
    expect(bytes).toHaveLength(36)
    expect(flagsOf(bytes)).toBe(NLM_F_CAPPED)
  })

  test.each([{ capAck: false }, { capAck: true }])('says all it can ($capAck)', (options) => {
    const bytes = ack(-34, EVERYTHING, options)
    expect(flagsOf(bytes)).toBe(NLM_F_ACK_TLVS | (options.capAck ? NLM_F_CAPPED : 0))
    const told = read(bytes)
    expect(told.errno).toBe(34)
    expect(told.extack).toEqual({
      msg: 'no',
      cookie: Uint8Array.of(1, 2, 3),
      offset: 20,
      policy: { minU: 0n, maxU: 1n, type: 4 },
      missType: 8,
      missNest: 36,
    })
    expect(Object.keys(told.extack)).toEqual(['msg', 'cookie', 'offset', 'policy', 'missType', 'missNest'])
  })

  it('says nothing more to a socket that did not ask for it', () => {
    expect(flagsOf(ack(-34, EVERYTHING, { extAck: false }))).toBe(0)
    expect(ack(-34, EVERYTHING, { extAck: false })).toEqual(ack(-34, {}))
  })

  it('does not describe what cannot be described', () => {
    expect(read(ack(-22, { offset: 20, policy: { type: 'reject' } })).extack).toEqual({ offset: 20 })
    expect(flagsOf(ack(-22, { policy: { type: 'unspec' } }))).toBe(0)
  })

  it('may say an empty text', () => {
    expect(read(ack(-22, { msg: '' })).extack).toEqual({ msg: '' })
  })
})

describe('reading', () => {
  const error = (length: string, flags: number, rest = '') => {
    const w = new Writer()
    w.u32(0).u16(NLMSG_ERROR).u16(flags).u32(7).u32(42).u32(-22)
    w.raw(fromHex(`${length}120005000700000009000000${rest}`))
    w.view.setUint32(0, w.length, true)
    return w.take()
  }

  it('refuses one that is too short', () => {
    const bytes = ack(0, {}).slice(0, 35)
    new DataView(bytes.buffer).setUint32(0, 35, true)
    expect(() => read(bytes)).toThrow('byte 0: acknowledgement of 35 bytes, expected at least 36')
  })

  it.each(['14000000', 'fdffffff', 'ffffffff', '00000080', '01000080'])(
    'refuses one whose request would be longer than itself: %s',
    (length) => {
      expect(() => read(error(length, NLM_F_ACK_TLVS))).toThrow('byte 20: the request in the acknowledgement is longer')
      // Nobody needs the length where nothing comes behind.
      expect(read(error(length, 0)).errno).toBe(22)
    },
  )

  it('takes a request that claims to be shorter than its header as its header', () => {
    expect(read(error('00000000', NLM_F_ACK_TLVS, '0800020014000000')).extack).toEqual({ offset: 20 })
  })

  it('takes zero as zero, without a sign', () => {
    expect(Object.is(read(ack(0, {})).errno, 0)).toBe(true)
  })

  it('keeps attributes that nobody knows', () => {
    expect(read(error('10000000', NLM_F_ACK_TLVS | NLM_F_CAPPED, '0500630001000000')).extack).toEqual({
      rest: [{ type: 0x63, payload: Uint8Array.of(1) }],
    })
  })
})

describe('the end of a dump', () => {
  const finish = (bytes: Uint8Array): Ack => decodeDone(splitMessages(bytes)[0])

  it('says how it went', () => {
    expect(finish(done(REQUEST))).toEqual({ errno: 0, extack: {} })
    expect(finish(done(REQUEST, 19, { offset: 20 }))).toEqual({ errno: 19, extack: { offset: 20 } })
    expect(finish(done(REQUEST, 0, { msg: 'left over' }))).toEqual({ errno: 0, extack: { msg: 'left over' } })
  })

  it('is refused where it is too short', () => {
    const bytes = done(REQUEST).slice(0, 19)
    new DataView(bytes.buffer).setUint32(0, 19, true)
    expect(() => finish(bytes)).toThrow('byte 0: end of dump of 19 bytes, expected at least 20')
  })
})
