import { expect, test } from 'vitest'
import { embedded } from './embedded.ts'
import { simulatedWorld, systemWorld } from './world.ts'

const nothing = (): void => undefined

/** Timers that keep this program from ending. */
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

test('what the machine`s own world has scheduled keeps the program running for as long as that is wanted', () => {
  const world = systemWorld()
  const before = timers()
  const first = world.schedule(world.now() + 10n ** 12n, nothing)
  expect(timers()).toBe(before + 1)
  world.keepsRunning?.(false)
  const second = world.schedule(world.now() + 10n ** 12n, nothing)
  expect(timers()).toBe(before)
  world.keepsRunning?.(true)
  expect(timers()).toBe(before + 2)
  first.cancel()
  second.cancel()
  expect(timers()).toBe(before)
})

test('timers that do not keep the program running run none the less', async () => {
  const world = systemWorld()
  world.keepsRunning?.(false)
  const ran = new Promise((resolve) => world.schedule(world.now(), () => resolve('ran')))
  const patience = setTimeout(nothing, 5000)
  expect(await ran).toBe('ran')
  clearTimeout(patience)
})

test('a kernel keeps the program running while it has a client', async () => {
  const told: boolean[] = []
  const open = embedded({ world: { ...simulatedWorld(), keepsRunning: (on) => told.push(on) } })
  const [one, other] = [await open(), await open()]
  await one.close()
  expect(told).not.toContain(false)
  await other.close()
  expect(told.pop()).toBe(false)
  const again = await open()
  expect(told.pop()).toBe(true)
  await again.close()
})
