import { embedded } from '@netkit/kernel'
import { linux } from '@netkit/linux'
import { connect } from 'netkit'
import { expect, test } from 'vitest'
import { build, whyNotBuilt } from './programs/build.ts'
import { PROGRAM_CASES } from './programs/cases/index.ts'
import { play } from './programs/play.ts'

const FRAMES = 10_000
const seed = Number(process.env.NETKIT_SEED ?? Math.floor(Math.random() * 2 ** 31))
const why = process.platform !== 'linux' || process.getuid?.() !== 0 ? 'needs root on Linux' : whyNotBuilt()

test.for(PROGRAM_CASES)(`$object does what Linux does with ${FRAMES} frames of seed ${seed}`, async (of, { skip }) => {
  if (why) skip(why)
  const object = build(of.object)
  await using machine = await connect(linux())
  await using kernel = await connect(embedded())
  const want = await play(machine, of, object, seed, FRAMES)
  const got = await play(kernel, of, object, seed, FRAMES)
  const different = want.outcomes.flatMap((outcome, i) =>
    outcome === got.outcomes[i] ? [] : [`frame ${i}: Linux ${outcome}, here ${got.outcomes[i]}`],
  )
  expect(different).toEqual([])
  expect(got.maps).toEqual(want.maps)
})
