import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fold, sumBytes, sumPacket } from './checksum.ts'
import { COPY } from './copy-reason.ts'
import { PKT_FRAGMENTS, PKT_LENGTH, PKT_SHIFT } from './fields.ts'
import { Packets } from './packets.ts'

/** As RFC 1071 says it, a word at a time. */
const plainly = (bytes: Uint8Array): number => {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) {
    sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0)
    sum = (sum & 0xffff) + (sum >>> 16)
  }
  return sum
}

describe('checksums', () => {
  it('sums the example of RFC 1071', () => {
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7)
    expect(fold(sumBytes(bytes, new Int32Array(bytes.buffer), 0, 8))).toBe(0xddf2)
  })

  it('agrees with the plain sum wherever the bytes lie', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(7), (bytes, shift) => {
        const memory = new Uint8Array(512)
        memory.set(bytes, shift)
        expect(fold(sumBytes(memory, new Int32Array(memory.buffer), shift, bytes.length))).toBe(plainly(bytes))
      }),
    )
  })

  it('goes over fragments of odd lengths', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 600 }),
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 900 }), { maxLength: 4 }),
        fc.nat(5000),
        (head, parts, at) => {
          const packets = new Packets()
          const owner = packets.fragments.addOwner({ retain: () => undefined, release: () => undefined })
          const region = packets.memory.reserve('fragments', 8192)!
          const handle = packets.allocFromArray(head, COPY.userIn)
          let offset = region.offset + 1
          let list = 0
          for (const part of parts) {
            packets.memory.u8.set(part, offset)
            const fragment = packets.fragments.alloc(offset, part.length, owner, 0)
            if (list === 0) list = fragment
            else packets.fragments.link(packets.fragments.last(list), fragment)
            offset += part.length + 3
          }
          const whole = Uint8Array.from([head, ...parts].flatMap((part) => [...part]))
          packets.fields[(handle << PKT_SHIFT) + PKT_FRAGMENTS] = list
          packets.fields[(handle << PKT_SHIFT) + PKT_LENGTH] = whole.length
          const from = at % (whole.length + 1)
          expect(fold(sumPacket(packets, handle, from))).toBe(plainly(whole.subarray(from)))
        },
      ),
    )
  })
})
