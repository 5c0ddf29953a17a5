import type { Clock } from '../../net/neigh/resolver.ts'
import type { World } from '../../world.ts'

const NS_PER_MS = 1_000_000n

/** The world's time in whole milliseconds. Asking the world is dear: packets of one batch share a look. */
export class StackClock implements Clock {
  readonly #world: World
  now: number

  constructor(world: World) {
    this.#world = world
    this.now = Number(world.now() / NS_PER_MS)
  }

  look(): number {
    this.now = Number(this.#world.now() / NS_PER_MS)
    return this.now
  }

  after(ms: number, task: () => void): { cancel(): void } {
    return this.#world.schedule(this.#world.now() + BigInt(Math.ceil(ms)) * NS_PER_MS, task)
  }

  random(): number {
    return this.#world.random()
  }
}
