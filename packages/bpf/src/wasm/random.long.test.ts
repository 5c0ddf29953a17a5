import { expect, test } from 'vitest'
import { Differential, PROGRAMS } from './testing/differential.ts'

/** Of each of three kinds: more than 100,000 programs altogether. */
const COUNT = 33_600
/** Compiled programs live as long as their engine. */
const BATCH = 500
const TIMEOUT = 900_000
const first = Number(process.env.NETKIT_SEED ?? (Math.random() * 0x3fff_ffff) | 0)

test.each([
  ['verified', true, false],
  ['verified, over shared memory', true, true],
  ['unverified', false, false],
])(
  `${COUNT} random programs, %s, do the same interpreted and compiled, from seed ${first} on`,
  { timeout: TIMEOUT },
  (_, safe, shared) => {
    const end = first + COUNT / PROGRAMS
    for (let start = first; start < end; start += BATCH) {
      const differential = new Differential(safe, shared)
      for (let seed = start; seed < Math.min(end, start + BATCH); seed++) {
        expect(differential.compare(seed)).toBeUndefined()
      }
    }
  },
)
