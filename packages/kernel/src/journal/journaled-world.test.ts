import { expect, test } from 'vitest'
import { simulatedWorld } from '../world.ts'
import { type Circumstances, JournalError, JournaledWorld } from './journaled-world.ts'

function recorded(run: (world: JournaledWorld) => void): Circumstances {
  const world = new JournaledWorld(simulatedWorld(7))
  let circumstances: Circumstances | undefined
  world.record(
    () => run(world),
    (c) => {
      circumstances = c
    },
  )
  return circumstances!
}

test('time stands still during an event and the dice are written down', () => {
  const seen: unknown[] = []
  const circumstances = recorded((world) => seen.push(world.now(), world.random(), world.random()))
  expect([circumstances.now, ...circumstances.random]).toEqual(seen)
})

test('an event that is done again has the same time and chance', () => {
  const first: unknown[] = []
  const again: unknown[] = []
  const circumstances = recorded((world) => first.push(world.now(), world.random(), world.random()))
  const world = new JournaledWorld(simulatedWorld(99))
  world.repeat(circumstances, () => again.push(world.now(), world.random(), world.random()))
  expect(again).toEqual(first)
})

test('an event that takes other chances than the first time does not fit', () => {
  const circumstances = recorded((world) => void world.random())
  const world = new JournaledWorld(simulatedWorld(1))
  expect(() => world.repeat(circumstances, () => [world.random(), world.random()])).toThrow(JournalError)
  expect(() => world.repeat(circumstances, () => undefined)).toThrow(JournalError)
})

test('numbers drawn between events are not written down', () => {
  const world = new JournaledWorld(simulatedWorld(1))
  world.random()
  let drawn: readonly number[] = [1]
  world.record(
    () => undefined,
    (c) => {
      drawn = c.random
    },
  )
  expect(drawn).toEqual([])
})

test('time goes on from where it was, and what is scheduled comes when it is due', () => {
  const inner = simulatedWorld(1)
  const world = new JournaledWorld(inner)
  world.resumeAt(5_000n)
  expect(world.now()).toBe(5_000n)
  let ran = false
  world.schedule(5_010n, () => {
    ran = true
  })
  inner.advance(9n)
  expect(ran).toBe(false)
  inner.advance(1n)
  expect(ran).toBe(true)
  world.resumeAt(4_000n)
  expect(world.now()).toBe(5_010n)
})
