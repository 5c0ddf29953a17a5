import { expect, test } from 'vitest'
import { compare, live } from './testing/life.ts'
import { Machine } from './testing/machine.ts'

test.each(['events', 'snapshot', 'both'] as const)(
  '2,000 kernels revived from their %s are the ones that they were',
  async (how) => {
    for (let seed = 0; seed < 2000; seed++) {
      const { machine, kept, more } = await live(seed)
      for (const [was, is] of await compare(machine, new Machine(1, kept[how]), more))
        expect(is, `seed ${seed}`).toEqual(was)
    }
  },
)
