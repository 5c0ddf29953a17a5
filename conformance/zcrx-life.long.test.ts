import { expect, test } from 'vitest'
import { ZcrxLife } from './zcrx/life.ts'

const EVENTS = 1_000_000
const MOST = 20_000

test('bytes stay what they are while their reader has them, over 1,000,000 events', async () => {
  let events = 0
  for (let seed = 1; events < EVENTS; seed++) {
    const life = await ZcrxLife.make(seed, seed % 4 === 0 ? 'peer' : 'single')
    try {
      for (let n = 0; n < MOST && !life.over; n++, events++) await life.step()
      await life.end()
    } catch (error) {
      throw new Error(`seed ${seed}, event ${events}: ${(error as Error).message}`, { cause: error })
    }
  }
  expect(events).toBeGreaterThanOrEqual(EVENTS)
})
