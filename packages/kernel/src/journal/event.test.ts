import { DecodeError } from '@netkit/netlink'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEvent, encodeEvent, type JournalEvent, type Mention } from './event.ts'

const u32 = fc.nat({ max: 0xffff_ffff })
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const credentials = fc.record({ uid: u32, capabilities: u64 })
const mentions = fc.array(fc.tuple(u32, u32) as fc.Arbitrary<Mention>, { maxLength: 5 })
const circumstances = { now: u64, random: fc.array(u32, { maxLength: 6 }) }
const events: fc.Arbitrary<JournalEvent> = fc.oneof(
  fc.record({
    kind: fc.constant('request' as const),
    protocol: fc.constantFrom(0, 16),
    ns: u32,
    pid: u32,
    sender: credentials,
    opener: credentials,
    files: mentions,
    processes: mentions,
    bytes: fc.uint8Array({ maxLength: 300 }),
    ...circumstances,
  }),
  fc.record({ kind: fc.constant('change' as const), op: fc.string(), args: fc.jsonValue(), ...circumstances }),
)

const normal = (event: JournalEvent) =>
  event.kind === 'request'
    ? { ...event, bytes: [...event.bytes] }
    : JSON.parse(JSON.stringify({ ...event, now: String(event.now) }))

test('events are read as they were written', () => {
  fc.assert(
    fc.property(events, (event) => {
      expect(normal(decodeEvent(encodeEvent(event)))).toEqual(normal(event))
    }),
  )
})

test('any bytes are an event or refused with an error that says so', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      try {
        decodeEvent(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }),
  )
})
