import { array, assert, integer, property, record, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beginMessage, DecodeError, endMessage, fromHex, messageBytes, splitMessages, Writer } from '../index.ts'

const word = integer({ min: 0, max: 0x7fff_ffff })
const short = integer({ min: 0, max: 0xffff })
const message = record({ type: short, flags: short, seq: word, portId: word, payload: uint8Array({ maxLength: 30 }) })

describe('messages of a datagram', () => {
  it('come out as they went in', () => {
    assert(
      property(array(message, { maxLength: 5 }), (messages) => {
        const w = new Writer(16)
        for (const m of messages) {
          const mark = beginMessage(w, m.type, m.flags, m.seq, m.portId)
          w.raw(m.payload)
          endMessage(w, mark)
        }
        const split = splitMessages(w.take())
        expect(
          split.map((m) => ({
            type: m.header.type,
            flags: m.header.flags,
            seq: m.header.seq,
            portId: m.header.portId,
            payload: messageBytes(m).slice(16),
          })),
        ).toEqual(messages)
        for (const m of split) {
          expect(m.header.length).toBe(m.end - m.start)
          expect(m.start % 4).toBe(0)
        }
      }),
    )
  })

  it('may lack the padding of the last one', () => {
    const w = new Writer()
    const mark = beginMessage(w, 18, 1, 2, 3)
    w.u8(9)
    endMessage(w, mark)
    expect(splitMessages(w.take().subarray(0, 17))).toHaveLength(1)
    expect(splitMessages(new Uint8Array(0))).toEqual([])
  })

  it.each([
    { what: 'less than a header', hex: '10000000120001000000000000000000100000', at: 16 },
    { what: 'a length of less than a header', hex: '0f000000120001000000000000000000', at: 0 },
    { what: 'a length of more than there is', hex: '14000000120001000000000000000000', at: 0 },
    { what: 'a length near 2^32', hex: 'ffffffff120001000000000000000000', at: 0 },
  ])('with $what are refused there', ({ hex, at }) => {
    const attempt = () => splitMessages(fromHex(hex))
    expect(attempt).toThrow(DecodeError)
    expect(attempt).toThrow(expect.objectContaining({ offset: at }))
  })

  it('are found in the middle of a larger buffer', () => {
    const buffer = fromHex('ffffffff10000000120001000700000008000000ffffffff')
    const [m] = splitMessages(buffer.subarray(4, 20))
    expect(m.header).toEqual({ length: 16, type: 18, flags: 1, seq: 7, portId: 8 })
    expect(messageBytes(m)).toEqual(buffer.subarray(4, 20))
  })
})
