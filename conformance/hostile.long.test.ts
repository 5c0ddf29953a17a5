import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Chance, readRecording, seedOf } from '@netkit/netlink/testing'
import { describe, expect, test } from 'vitest'
import { HostileRun } from './src/hostile/run.ts'

const DATAGRAMS = 250_000
const seed = seedOf(process.env.NETKIT_SEED)

/** Conversations with a real kernel, if they are at hand: their requests are spoilt and sent. */
const folder = process.env.NETKIT_GOLDEN ?? '../shared/golden'
const recorded = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .flatMap((name) => readRecording(readFileSync(join(folder, name), 'utf8')).messages)
  : []

describe('hostile datagrams', () => {
  test(`${DATAGRAMS} of them, seed ${seed}, are answered properly and change nothing that they may not`, () => {
    const run = new HostileRun(new Chance(seed), recorded)
    for (let i = 0; i < DATAGRAMS; i++) run.step()
    expect(run.tally.refused).toBeGreaterThan(DATAGRAMS / 10)
    expect(run.tally.carriedOut).toBeGreaterThan(DATAGRAMS / 100)
    expect(run.tally.compared).toBeGreaterThan(DATAGRAMS / 100)
  })
})
