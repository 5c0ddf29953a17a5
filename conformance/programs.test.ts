import { embedded } from '@netkit/kernel'
import { connect } from 'netkit'
import { expect, test } from 'vitest'
import { build, whyNotBuilt } from './programs/build.ts'
import { PROGRAM_CASES } from './programs/cases/index.ts'
import { play } from './programs/play.ts'
import { digestOf, RECORDED_FRAMES, RECORDED_SEED, recordedOf } from './programs/recorded.ts'

const why = whyNotBuilt()

test.for(PROGRAM_CASES)('$object does what Linux was recorded to do', async (of, { skip }) => {
  if (why) skip(why)
  await using kernel = await connect(embedded())
  const played = await play(kernel, of, build(of.object), RECORDED_SEED, RECORDED_FRAMES)
  const { outcomes, maps } = digestOf(played)
  const want = recordedOf(of.object)
  expect(played.outcomes.filter((_, i) => outcomes[i] !== want?.outcomes[i])).toEqual([])
  expect(maps).toEqual(want?.maps)
})
