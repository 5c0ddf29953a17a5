import { expect, test } from 'vitest'
import { Differential } from './testing/differential.ts'

const COUNT = 4_000
/** Compiled programs live as long as their engine. */
const BATCH = 500
const first = Number(process.env.NETKIT_SEED ?? (Math.random() * 0x3fff_ffff) | 0)

test.each([
  ['verified', true, false],
  ['verified, over shared memory', true, true],
  ['unverified', false, false],
])(`random programs, %s, do the same interpreted and compiled, from seed ${first} on`, (_, safe, shared) => {
  for (let start = first; start < first + COUNT; start += BATCH) {
    const differential = new Differential(safe, shared)
    for (let seed = start; seed < start + BATCH; seed++) expect(differential.compare(seed)).toBeUndefined()
  }
})
