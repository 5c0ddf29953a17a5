import { expect, test } from 'vitest'
import { Differential } from './testing/differential.ts'

const COUNT = 300

test.each([
  ['verified', true, false],
  ['verified, over shared memory', true, true],
  ['unverified', false, false],
])('random programs, %s, do the same interpreted and compiled', (_, safe, shared) => {
  const differential = new Differential(safe, shared)
  for (let seed = 1; seed <= COUNT; seed++) expect(differential.compare(seed)).toBeUndefined()
})
