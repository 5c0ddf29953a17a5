import type { WireWorld } from './wire.ts'

/** Something that is to be done at a time, the earliest that was asked for. Times are nanoseconds since `start`. */
export class Timer {
  readonly #world: WireWorld
  readonly #start: bigint
  readonly #run: () => void
  #scheduled: { cancel(): void } | undefined
  #time = 0

  constructor(world: WireWorld, start: bigint, run: () => void) {
    this.#world = world
    this.#start = start
    this.#run = () => {
      this.#scheduled = undefined
      run()
    }
  }

  at(time: number): void {
    if (this.#scheduled && this.#time <= time) return
    this.#scheduled?.cancel()
    this.#time = time
    this.#scheduled = this.#world.schedule(this.#start + BigInt(Math.ceil(time)), this.#run)
  }

  cancel(): void {
    this.#scheduled?.cancel()
    this.#scheduled = undefined
  }
}
