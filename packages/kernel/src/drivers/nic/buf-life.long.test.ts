import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BufLife } from '../../testing/buf-life.ts'

it('every buf has one owner over 1,000,000 events, and all come back', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const life = new BufLife(seed)
      for (let n = 0; n < 50_000; n++) {
        life.step()
        const wrong = life.wrong()
        if (wrong !== undefined) throw new Error(`after event ${n}: ${wrong}`)
      }
      life.end()
      expect(life.lab.provider.pools.size).toBe(0)
      expect(new Set(life.lab.provider.waiting).size).toBe(life.lab.provider.area.count)
      expect([life.lab.packets.fragments.inUse, life.lab.packets.buffers.inUse]).toEqual([0, 0])
    }),
    { numRuns: 20 },
  )
})
