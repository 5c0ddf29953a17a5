import { expect, test } from 'vitest'
import { ZcrxLife } from './zcrx/life.ts'

test.each([1, 2, 3, 4])(
  'bytes stay what they are while their reader has them, whatever goes (seed %i)',
  async (seed) => {
    const life = await ZcrxLife.make(seed, seed % 2 === 0 ? 'single' : 'peer')
    for (let n = 0; n < 5000 && !life.over; n++) await life.step()
    await expect(life.end()).resolves.toBeUndefined()
  },
)
