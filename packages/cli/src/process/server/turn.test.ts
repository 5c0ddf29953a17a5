import { expect, test } from 'vitest'
import { Turn, type Turned } from './turn.ts'

/** A turn and what happens in it, in order; `order` is filled as it goes. */
function recorded(commit: () => void = () => undefined) {
  const order: string[] = []
  const turn = new Turn(() => {
    order.push('commit')
    commit()
  })
  const one = (name: string, onPump: () => void = () => undefined): Turned => ({
    pump() {
      order.push(`pump ${name}`)
      onPump()
    },
    flush: () => void order.push(`flush ${name}`),
  })
  return { order, turn, one }
}

test('answers leave after what changed was written, once for all of a turn', async () => {
  const { order, turn, one } = recorded()
  const [a, b] = [one('a'), one('b')]
  turn.add(a)
  turn.add(b)
  turn.add(a)
  expect(order).toEqual([])
  await new Promise(setImmediate)
  expect(order).toEqual(['pump a', 'pump b', 'commit', 'flush a', 'flush b'])
})

test('what becomes readable while others are pumped leaves in the same turn', () => {
  const { order, turn, one } = recorded()
  const late = one('late')
  turn.add(one('early', () => turn.add(late)))
  turn.end()
  expect(order).toEqual(['pump early', 'pump late', 'commit', 'flush early', 'flush late'])
})

test('no answer leaves if what changed cannot be written', () => {
  let full = true
  const { order, turn, one } = recorded(() => {
    if (full) throw new Error('no space left')
  })
  turn.add(one('a'))
  expect(() => turn.end()).toThrow('no space left')
  expect(order).toEqual(['pump a', 'commit'])
  full = false
})
