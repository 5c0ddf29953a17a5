import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { Chance, seedOf } from './chance.ts'
import { FAMILY_IDS, InputSource } from './fuzz.ts'
import { readRecording } from './recorded.ts'
import { roundTrip } from './round-trip.ts'

const INPUTS = 1_500_000
const seed = seedOf(process.env.NETKIT_SEED)
const folder = new URL(process.env.NETKIT_GOLDEN ?? '../shared/golden/', `file://${process.cwd()}/`)

/** Conversations with a real kernel, if they are at hand. */
const recordings = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => readRecording(readFileSync(new URL(name, folder.href.replace(/\/?$/, '/')), 'utf8')))
  : []

test(`${INPUTS} messages, of ${recordings.length} recordings, generated, spoilt and random (seed ${seed}), are decoded faithfully or refused with an offset`, () => {
  const source = new InputSource(new Chance(seed), recordings)
  const count = { decoded: 0, refused: 0 }
  for (let i = 0; i < INPUTS; i++) {
    const input = source.next()
    const outcome = roundTrip(input.bytes, { ...input, families: (id) => FAMILY_IDS.get(id) })
    if (typeof outcome === 'object') {
      expect.fail(`seed ${seed}, input ${i} (protocol ${input.protocol}): ${outcome.broken}\n${toHex(input.bytes)}`)
    }
    count[outcome]++
  }
  expect(count.decoded).toBeGreaterThan(INPUTS / 5)
  expect(count.refused).toBeGreaterThan(INPUTS / 5)
})

test.runIf(recordings.length > 0)('every recorded message is decoded faithfully', () => {
  for (const m of recordings.flatMap((r) => r.messages)) {
    const protocol = m.protocol === 'route' ? 0 : 16
    const outcome = roundTrip(m.bytes, { protocol, fromKernel: m.fromKernel, families: (id) => FAMILY_IDS.get(id) })
    // What was sent may be malformed on purpose; what a kernel says never is.
    if (typeof outcome === 'object') expect.fail(`${outcome.broken}\n${toHex(m.bytes)}`)
    if (m.fromKernel) expect(outcome, toHex(m.bytes)).toBe('decoded')
  }
})
