import { expect, test } from 'vitest'
import { HostilePrograms } from './bpf-hostile/run.ts'

const COUNT = 3000

test('hostile programs are refused or do no harm', () => {
  const run = new HostilePrograms()
  for (let seed = 1; seed <= COUNT; seed++) expect(run.step(seed)).toBeUndefined()
  expect(run.tally.ran).toBeGreaterThan(COUNT / 200)
})
