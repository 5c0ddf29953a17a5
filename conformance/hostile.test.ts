import { Chance, seedOf } from '@netkit/netlink/testing'
import { describe, expect, test } from 'vitest'
import { HostileRun } from './src/hostile/run.ts'

const DATAGRAMS = 8000
const seed = seedOf(process.env.NETKIT_SEED)

describe('hostile datagrams', () => {
  test(`${DATAGRAMS} of them, seed ${seed}, are answered properly and change nothing that they may not`, () => {
    const run = new HostileRun(new Chance(seed), [])
    for (let i = 0; i < DATAGRAMS; i++) run.step()
    expect(run.tally.refused).toBeGreaterThan(DATAGRAMS / 10)
    expect(run.tally.carriedOut).toBeGreaterThan(DATAGRAMS / 100)
    expect(run.tally.compared).toBeGreaterThan(DATAGRAMS / 100)
  })
})
