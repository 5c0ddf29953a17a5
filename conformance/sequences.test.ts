import { array, assert, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runSequence, type Tally } from './src/random/run.ts'

const RUNS = 300
const seed = Number(process.env.NETKIT_SEED ?? (Math.random() * 0x7fff_ffff) | 0)

describe('random sequences of operations', () => {
  test(`${RUNS} of them, seed ${seed}, hold the invariants after each step`, () => {
    const tally: Tally = { steps: 0, refused: 0, carriedOut: 0, leases: 0 }
    const steps = array(integer({ min: 0, max: 0x7fff_ffff }), { minLength: 1, maxLength: 50, size: 'max' })
    assert(
      // One in three is watched after each step through all messages, the others from inside, with all messages at the end.
      property(steps, (list) => runSequence(list, list[0] % 3 === 0 ? 'closely' : 'loosely', tally)),
      { seed, numRuns: RUNS },
    )
    // Sequences in which everything is refused, or nothing, would prove little.
    expect(tally.carriedOut).toBeGreaterThan(tally.steps / 5)
    expect(tally.refused).toBeGreaterThan(tally.steps / 10)
    expect(tally.leases).toBeGreaterThan(RUNS / 10)
  })
})
