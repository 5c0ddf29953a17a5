import { seedOf } from '@netkit/netlink/testing'
import { expect, test } from 'vitest'
import { HostilePrograms } from './bpf-hostile/run.ts'

/** By hand: `NETKIT_PROGRAMS=1000000 npm run test:long -- conformance/bpf-hostile`. */
const COUNT = Number(process.env.NETKIT_PROGRAMS ?? 30_000)
const seed = seedOf(process.env.NETKIT_SEED)

test(`${COUNT} hostile programs, from seed ${seed} on, are refused or do no harm`, async () => {
  const run = new HostilePrograms()
  for (let i = 0; i < COUNT; i++) expect(await run.step((seed + i) >>> 0)).toBeUndefined()
  expect(run.tally.accepted).toBeGreaterThan(COUNT / 50)
  expect(run.tally.inKernel).toBeGreaterThan(COUNT / 200)
  expect(run.tally.ran).toBeGreaterThan(COUNT / 200)
  expect(run.tally.compiled).toBeGreaterThan(0)
})
