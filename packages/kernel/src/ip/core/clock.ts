import type { Clock } from '../../net/neigh/resolver.ts'
import type { World } from '../../world.ts'

const NS_PER_MS = 1_000_000n
const NS_PER_US = 1000n

/** The world's time in whole milliseconds and microseconds. Asking the world is dear: packets of one batch share a look. */
export class StackClock implements Clock {
  readonly #world: World
  #now = 0
  #micros = 0
  #old = true

  constructor(world: World) {
    this.#world = world
  }

  /** As of the last look. */
  get now(): number {
    if (this.#old) this.look()
    return this.#now
  }

  get micros(): number {
    if (this.#old) this.look()
    return this.#micros
  }

  /** Who reads it next looks first. Most packets need no time. */
  expire(): void {
    this.#old = true
  }

  look(): number {
    this.#micros = this.#world.micros?.() ?? Number(this.#world.now() / NS_PER_US)
    this.#now = Math.floor(this.#micros / 1000)
    this.#old = false
    return this.#now
  }

  after(ms: number, task: () => void): { cancel(): void } {
    return this.#world.schedule(this.#world.now() + BigInt(Math.ceil(ms)) * NS_PER_MS, task)
  }

  random(): number {
    return this.#world.random()
  }
}
