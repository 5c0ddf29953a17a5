import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orderRelocations, type Slot } from './order.ts'

const key = ({ netns, name }: Slot) => `${netns ?? ''}/${name}`

/** Does the hops one after the other, as a kernel would, and says where all end up. */
function walk(from: readonly Slot[], to: readonly Slot[]): Map<number, string> {
  const at = new Map(from.map((slot, i) => [i, key(slot)]))
  let spare = 0
  const relocations = from.flatMap((slot, i) => (key(slot) === key(to[i]) ? [] : [{ what: i, from: slot, to: to[i] }]))
  for (const hop of orderRelocations(relocations)) {
    const wanted = key(hop.to).replace('%d', () => String(spare++))
    expect([...at.values()], `${wanted} is free`).not.toContain(wanted)
    at.set(hop.what, wanted)
  }
  return at
}

test('two that change names, and a chain', () => {
  const slot = (name: string, netns?: string): Slot => ({ name, netns })
  expect(walk([slot('a'), slot('b')], [slot('b'), slot('a')]).get(0)).toBe('/b')
  expect(
    orderRelocations([
      { what: 1, from: slot('a'), to: slot('b') },
      { what: 2, from: slot('b'), to: slot('c') },
    ]).map((h) => h.what),
  ).toEqual([2, 1])
})

test('any permutation of places and names finds each of them free', () => {
  const slots = fc.uniqueArray(
    fc.record({ netns: fc.constantFrom(undefined, 'n', 'm'), name: fc.constantFrom('a', 'b', 'c', 'd') }),
    { selector: key, minLength: 1, maxLength: 12 },
  )
  const moves = slots.chain((from) =>
    slots.map((other) => {
      // Those that stay keep their place, so nobody else may be sent there.
      const free = other.filter((slot) => !from.some((f) => key(f) === key(slot)))
      return { from, free }
    }),
  )
  fc.assert(
    fc.property(moves, fc.integer(), ({ from, free }, turn) => {
      const targets = [...from.slice(Math.abs(turn) % from.length), ...from.slice(0, Math.abs(turn) % from.length)]
      free.slice(0, 2).forEach((slot, i) => {
        if (i < targets.length) targets[i] = slot
      })
      const at = walk(from, targets)
      expect([...at.values()]).toEqual(targets.map(key))
    }),
    { numRuns: 300 },
  )
})
