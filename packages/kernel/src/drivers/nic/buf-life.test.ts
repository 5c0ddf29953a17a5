import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BufLife } from '../../testing/buf-life.ts'

it('every buf has one owner, whatever happens, and all come back', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const life = new BufLife(seed)
      for (let n = 0; n < 3000; n++) {
        life.step()
        expect(life.wrong()).toBeUndefined()
      }
      life.end()
      expect(life.lab.provider.pools.size).toBe(0)
      expect(new Set(life.lab.provider.waiting).size).toBe(life.lab.provider.area.count)
      expect(life.lab.packets.fragments.inUse).toBe(0)
      expect(life.lab.packets.buffers.inUse).toBe(0)
    }),
    { numRuns: 10 },
  )
})
