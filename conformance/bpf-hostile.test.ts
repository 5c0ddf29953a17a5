import { expect, test } from 'vitest'
import { HostilePrograms } from './bpf-hostile/run.ts'

const COUNT = 2000

test('hostile programs are refused or do no harm', async () => {
  const run = new HostilePrograms()
  for (let seed = 1; seed <= COUNT; seed++) expect(await run.step(seed)).toBeUndefined()
  expect(run.tally.inKernel).toBeGreaterThan(COUNT / 200)
  expect(run.tally.ran).toBeGreaterThan(COUNT / 200)
})
