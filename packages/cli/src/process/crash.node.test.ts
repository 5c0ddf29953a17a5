import { expect, test } from 'vitest'
import { crashes } from './testing/crash.ts'

test('kill -9 at any moment loses nothing that was acknowledged and leaves nothing half made', async () => {
  const seed = (Math.random() * 0x7fff_ffff) | 0
  const done = await crashes({ seed, operations: 100, kills: 4, within: 80 }).catch((error: unknown) => {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  })
  expect(done.kills).toBe(4)
})

test('nor while snapshots are written', async () => {
  const seed = (Math.random() * 0x7fff_ffff) | 0
  const done = await crashes({ seed, operations: 100, kills: 4, within: 80, compactBytes: 300 }).catch(
    (error: unknown) => {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    },
  )
  expect(done.kills).toBe(4)
})
