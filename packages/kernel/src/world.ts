/** What the kernel takes from outside: time, chance and turns. With the same ones it does the same things. */
export interface World {
  /** Nanoseconds since some fixed moment; never goes back. */
  now(): bigint
  /** The same in whole microseconds, where that is cheaper to tell. */
  micros?(): number
  /** A random unsigned 32-bit number. */
  random(): number
  /** Runs `task` when `now()` has reached `atNs`. Never runs it before returning. */
  schedule(atNs: bigint, task: () => void): { cancel(): void }
  /** Whether what is scheduled keeps the program from ending, where that can be told. Default: it does. */
  keepsRunning?(on: boolean): void
}

/** A generator of random 32-bit numbers with 128 bits of state (xoshiro128**); the same seed gives the same numbers. */
export interface RandomState {
  next(): number
  readonly state: Uint32Array
}

export function randomFrom(seed: number): RandomState {
  const state = new Uint32Array(4)
  let z = seed >>> 0
  for (let i = 0; i < 4; i++) {
    z = (z + 0x9e3779b9) >>> 0
    let x = z
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
    state[i] = x ^ (x >>> 16)
  }
  const rotl = (x: number, k: number) => (x << k) | (x >>> (32 - k))
  return {
    state,
    next() {
      // By index: to take an array apart makes an iterator.
      const a = state[0]
      const b = state[1]
      const c = state[2]
      const d = state[3]
      const result = Math.imul(rotl(Math.imul(b, 5), 7), 9) >>> 0
      const t = b << 9
      const c2 = c ^ a
      const d2 = d ^ b
      state[1] = b ^ c2
      state[0] = a ^ d2
      state[2] = c2 ^ t
      state[3] = rotl(d2, 11)
      return result
    },
  }
}

/** A timer as Node.js has it; elsewhere it is a number, and programs end when they are ended. */
interface NodeTimer {
  ref(): void
  unref(): void
}

const isNodeTimer = (timer: unknown): timer is NodeTimer =>
  typeof timer === 'object' && timer !== null && 'unref' in timer

/** The machine's own clock and timers. `seed`: default a random one. */
export function systemWorld(seed = (Math.random() * 0x1_0000_0000) >>> 0): World & { readonly chance: RandomState } {
  const chance = randomFrom(seed)
  const start = performance.now()
  const nanos = () => Math.round((performance.now() - start) * 1e6)
  const now = () => BigInt(nanos())
  const pending = new Set<NodeTimer>()
  let keeps = true
  return {
    chance,
    now,
    micros: () => Math.floor(nanos() / 1000),
    random: () => chance.next(),
    schedule(atNs, task) {
      const wait = Math.max(0, Number(atNs - now()) / 1e6)
      const timer: unknown = setTimeout(() => {
        forget()
        task()
      }, wait)
      const forget = () => {
        if (isNodeTimer(timer)) pending.delete(timer)
      }
      if (isNodeTimer(timer)) pending.add(timer)
      if (isNodeTimer(timer) && !keeps) timer.unref()
      return {
        cancel() {
          forget()
          clearTimeout(timer as number)
        },
      }
    },
    keepsRunning(on) {
      if (on === keeps) return
      keeps = on
      for (const timer of pending) {
        if (on) timer.ref()
        else timer.unref()
      }
    },
  }
}

/** A world in which time passes only when told to. */
export interface SimulatedWorld extends World {
  readonly chance: RandomState
  /** Lets time pass, running what falls due, in order. */
  advance(ns: bigint): void
  /** Runs all that is scheduled, however late, up to `limit` tasks. Returns how many ran. */
  runAll(limit?: number): number
}

export function simulatedWorld(seed = 1): SimulatedWorld {
  const chance = randomFrom(seed)
  let time = 0n
  let order = 0
  let tasks: { at: bigint; order: number; task: () => void }[] = []
  const runNext = (until: bigint): boolean => {
    let next: (typeof tasks)[number] | undefined
    for (const t of tasks) if (!next || t.at < next.at || (t.at === next.at && t.order < next.order)) next = t
    if (!next || next.at > until) return false
    tasks = tasks.filter((t) => t !== next)
    if (next.at > time) time = next.at
    next.task()
    return true
  }
  const latest = (): bigint => {
    let far = time
    for (const { at } of tasks) if (at > far) far = at
    return far
  }
  return {
    chance,
    now: () => time,
    random: () => chance.next(),
    schedule(atNs, task) {
      const entry = { at: atNs, order: order++, task }
      tasks.push(entry)
      return {
        cancel() {
          tasks = tasks.filter((t) => t !== entry)
        },
      }
    },
    advance(ns) {
      const until = time + ns
      while (runNext(until));
      time = until
    },
    runAll(limit = 1_000_000) {
      let ran = 0
      while (ran < limit && runNext(latest())) ran++
      return ran
    },
  }
}
