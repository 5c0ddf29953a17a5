import type { Device } from '../device.ts'
import type { NetNamespace } from '../namespace.ts'
import { ADDRESS_WORDS, Neighbour } from '../neighbour.ts'
import { NUD_FAILED, NUD_IN_TIMER, NUD_PERMANENT } from '../neighbour-states.ts'
import { NEIGH } from './parameters.ts'

const FIRST_BUCKETS = 16
/** Above the second threshold old entries go at once, but not more often than this, ms. */
const COLLECT_AT_MOST = 5000
/** Entries that changed less long ago are spared then, ms. */
const SPARED = 5000

/** All neighbours of one family in one kernel, found without allocation. */
export class NeighbourMap {
  #buckets: (Neighbour | undefined)[] = new Array(FIRST_BUCKETS).fill(undefined)
  #count = 0
  #lastCollection = Number.NEGATIVE_INFINITY
  /** Takes an entry out: stops its timer, drops what waits for it. */
  readonly #discard: (n: Neighbour) => void

  constructor(discard: (n: Neighbour) => void) {
    this.#discard = discard
  }

  get size(): number {
    return this.#count
  }

  /** The neighbour with the address `key[at .. at + 4)` on a device. */
  find(dev: Device, key: Int32Array, at = 0): Neighbour | undefined {
    let n = this.#buckets[this.#bucket(dev, key, at)]
    while (n !== undefined && (n.dev !== dev || !same(n.key, key, at))) n = n.next
    return n
  }

  #bucket(dev: Device, key: Int32Array, at: number): number {
    let h = key[at] ^ Math.imul(key[at + 1], 0x9e3779b1) ^ Math.imul(key[at + 2], 0x85ebca6b)
    h = Math.imul(h ^ key[at + 3] ^ (dev.ifindex << 16), 0xc2b2ae35)
    return (h ^ (h >>> 15)) & (this.#buckets.length - 1)
  }

  /** Makes an entry that is not there. Undefined when there are too many. `now`: ms. */
  add(dev: Device, key: Int32Array, now: number): Neighbour | undefined {
    const crowded = this.#count >= NEIGH.threshold3
    if (crowded || (this.#count >= NEIGH.threshold2 && now - this.#lastCollection > COLLECT_AT_MOST)) {
      this.#lastCollection = now
      const freed = this.#collectNow(now)
      if (crowded && freed === 0) return undefined
    }
    if (this.#count >= this.#buckets.length) this.#grow()
    const n = new Neighbour(dev, key)
    n.used = now
    n.updated = now
    n.confirmed = now
    this.#link(n)
    this.#count++
    return n
  }

  #link(n: Neighbour): void {
    const bucket = this.#bucket(n.dev, n.key, 0)
    n.next = this.#buckets[bucket]
    this.#buckets[bucket] = n
  }

  #grow(): void {
    const all = [...this]
    this.#buckets = new Array(this.#buckets.length * 2).fill(undefined)
    for (const n of all) this.#link(n)
  }

  remove(n: Neighbour): void {
    if (n.dead) return
    const bucket = this.#bucket(n.dev, n.key, 0)
    let before: Neighbour | undefined
    for (let at = this.#buckets[bucket]; at !== n; at = at.next) {
      if (at === undefined) return
      before = at
    }
    if (before) before.next = n.next
    else this.#buckets[bucket] = n.next
    n.dead = true
    this.#count--
    this.#discard(n)
  }

  *[Symbol.iterator](): Generator<Neighbour> {
    for (const first of this.#buckets) for (let n = first; n !== undefined; n = n.next) yield n
  }

  /** Those of a namespace, in the order of the table. */
  of(ns: NetNamespace): Neighbour[] {
    return [...this].filter((n) => n.dev.ns === ns)
  }

  #collectNow(now: number): number {
    let freed = 0
    for (const n of [...this]) {
      const free = (n.state & NUD_PERMANENT) === 0 && (n.state === NUD_FAILED || now - n.updated > SPARED)
      if (!free || (n.state & NUD_IN_TIMER) !== 0) continue
      this.remove(n)
      freed++
    }
    return freed
  }

  /** Removes what failed or was not used for long, where there are many. `gone` is told of each. */
  collect(now: number, gone: (n: Neighbour) => void): void {
    this.#lastCollection = now
    if (this.#count < NEIGH.threshold1) return
    for (const n of [...this]) {
      if ((n.state & (NUD_PERMANENT | NUD_IN_TIMER)) !== 0) continue
      if (n.used < n.confirmed && n.confirmed <= now) n.used = n.confirmed
      if (n.state !== NUD_FAILED && now - n.used <= NEIGH.staleTime) continue
      this.remove(n)
      gone(n)
    }
  }
}

function same(a: Int32Array, b: Int32Array, at: number): boolean {
  for (let i = 0; i < ADDRESS_WORDS; i++) if (a[i] !== b[at + i]) return false
  return true
}
