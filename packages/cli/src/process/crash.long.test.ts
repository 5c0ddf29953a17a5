import { expect, test } from 'vitest'
import { crashes } from './testing/crash.ts'

test.each([1, 2, 3])('1,000 acknowledged operations with kill -9 at random points, seed %i', async (seed) => {
  const done = await crashes({ seed, operations: 1000, within: 250, compactBytes: seed === 1 ? undefined : 2000 })
  expect(done.acknowledged).toBeGreaterThanOrEqual(1000)
  expect(done.kills).toBeGreaterThan(20)
})
