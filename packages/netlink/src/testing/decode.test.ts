import { expect, test } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { Chance, seedOf } from './chance.ts'
import { FAMILY_IDS, InputSource } from './fuzz.ts'
import { roundTrip } from './round-trip.ts'

const seed = seedOf(undefined)

test(`20,000 generated, spoilt and random messages (seed ${seed}) are decoded faithfully or refused with an offset`, () => {
  const source = new InputSource(new Chance(seed))
  const count = { decoded: 0, refused: 0 }
  for (let i = 0; i < 20_000; i++) {
    const input = source.next()
    const outcome = roundTrip(input.bytes, { ...input, families: (id) => FAMILY_IDS.get(id) })
    if (typeof outcome === 'object') {
      expect.fail(`seed ${seed}, input ${i} (protocol ${input.protocol}): ${outcome.broken}\n${toHex(input.bytes)}`)
    }
    count[outcome]++
  }
  // Neither the one nor the other alone would prove anything.
  expect(count.decoded).toBeGreaterThan(4000)
  expect(count.refused).toBeGreaterThan(4000)
})
