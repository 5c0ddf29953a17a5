import { MAP_HEADER, MAP_TYPE, type Runnable } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { World } from '../../world.ts'
import type { Contexts } from '../context/contexts.ts'
import type { ProgramMemory } from './memory.ts'

/** A timer in a value of a map. */
interface Timer {
  /** Address of its bytes, and of the value that it is in. */
  readonly at: number
  readonly value: number
  readonly map: number
  /** What it calls; 0: nothing. */
  callback: number
  scheduled: { cancel(): void } | undefined
}

/** Clocks that timers may go by, which are one here. Source: spec 02 §3.6. */
const CLOCKS: ReadonlySet<number> = new Set([0, 1, 7])
const ABSOLUTE = 1
const CPU_PIN = 2
/** Elements of hashes: key and value come after these bytes. */
const KEY_IN_ELEMENT = 8
const VALUE_AT_IN_HASH_HEADER = 52

/** The timers of all maps of a kernel, by where they are. The first word of a timer is 1 once it was initialized. */
export class Timers {
  readonly #memory: ProgramMemory
  readonly #contexts: Contexts
  readonly #world: World
  readonly #timers = new Map<number, Timer>()
  readonly #runnable: () => Runnable | undefined
  #running: Timer | undefined

  /** @param runnable Any loaded program: through it callbacks of all are called. */
  constructor(memory: ProgramMemory, contexts: Contexts, world: World, runnable: () => Runnable | undefined) {
    this.#memory = memory
    this.#contexts = contexts
    this.#world = world
    this.#runnable = runnable
  }

  init(at: number, map: number, value: number, clock: number): number {
    if (!CLOCKS.has(clock)) return -errno.EINVAL
    if (this.#timers.has(at)) return -errno.EBUSY
    this.#timers.set(at, { at, value, map, callback: 0, scheduled: undefined })
    this.#memory.view.setUint32(at, 1, true)
    return 0
  }

  setCallback(at: number, callback: number): number {
    const timer = this.#timers.get(at)
    if (!timer) return -errno.EINVAL
    timer.callback = callback
    return 0
  }

  start(at: number, ns: bigint, flags: number): number {
    const timer = this.#timers.get(at)
    if ((flags & ~(ABSOLUTE | CPU_PIN)) !== 0 || !timer || timer.callback === 0) return -errno.EINVAL
    timer.scheduled?.cancel()
    const when = (flags & ABSOLUTE) !== 0 ? ns : this.#world.now() + ns
    timer.scheduled = this.#world.schedule(when, () => this.#fire(timer))
    return 0
  }

  /** 1 if it was pending. */
  cancel(at: number): number {
    const timer = this.#timers.get(at)
    if (!timer) return -errno.EINVAL
    if (timer === this.#running) return -errno.EDEADLK
    const pending = timer.scheduled !== undefined
    timer.scheduled?.cancel()
    timer.scheduled = undefined
    timer.callback = 0
    return pending ? 1 : 0
  }

  /** A value is no more, or another one's: what was in it ends. */
  end(at: number): void {
    const timer = this.#timers.get(at)
    timer?.scheduled?.cancel()
    this.#timers.delete(at)
    this.#memory.u8.fill(0, at, at + 16)
  }

  /** All timers of a map end. */
  endAll(map: number): void {
    for (const timer of this.#timers.values()) if (timer.map === map) this.end(timer.at)
  }

  #fire(timer: Timer): void {
    timer.scheduled = undefined
    const context = this.#contexts.free ?? this.#contexts.make()
    const runnable = this.#runnable()
    const key = this.#keyOf(timer)
    if (!context || !runnable || key === 0 || timer.callback === 0) return
    this.#contexts.free = context.inner
    this.#running = timer
    try {
      runnable.callback(timer.callback, context.stack, timer.map, key, timer.value, 0)
    } finally {
      this.#contexts.free = context
      this.#running = undefined
    }
  }

  /** Address of the key of the value that a timer is in. */
  #keyOf({ map, value }: Timer): number {
    const { view } = this.#memory
    if (view.getUint32(map + MAP_HEADER.TYPE, true) !== MAP_TYPE.array) {
      return value - view.getUint32(map + VALUE_AT_IN_HASH_HEADER, true) + KEY_IN_ELEMENT
    }
    const scratch = this.#memory.scratch(8)
    const first = view.getUint32(map + MAP_HEADER.VALUES, true)
    if (scratch !== 0) view.setUint32(scratch, (value - first) / view.getUint32(map + MAP_HEADER.STRIDE, true), true)
    return scratch
  }
}
