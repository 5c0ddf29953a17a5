import type { NetNamespace } from '../../net/namespace.ts'
import { copyWords, sameWords } from './address.ts'
import type { StackClock } from './clock.ts'

const SLOTS = 1024
/** How long a learned MTU counts, ms. Source: net.ipv4.route.mtu_expires. */
const LIFETIME = 600_000

/** MTUs of ways, as routers have told them ("fragmentation needed", "packet too big"). */
export class PathMtus {
  readonly #clock: StackClock
  readonly #words = new Int32Array(4 * SLOTS)
  readonly #inode = new Uint32Array(SLOTS)
  readonly #mtu = new Int32Array(SLOTS)
  readonly #until = new Float64Array(SLOTS)
  #learned = 0

  constructor(clock: StackClock) {
    this.#clock = clock
  }

  #slot(ns: NetNamespace, words: Int32Array, at: number): number {
    let key = ns.inode
    for (let i = 0; i < 4; i++) key = Math.imul(key ^ words[at + i], 0x9e3779b1) ^ (key >>> 13)
    return (key ^ (key >>> 16)) & (SLOTS - 1)
  }

  /** The MTU of the way to `words[at ..]`: what was learned if it is less than `mtu`. */
  of(ns: NetNamespace, words: Int32Array, at: number, mtu: number): number {
    if (this.#learned === 0) return mtu
    const slot = this.#slot(ns, words, at)
    if (this.#inode[slot] !== ns.inode || !sameWords(this.#words, 4 * slot, words, at)) return mtu
    if (this.#until[slot] < this.#clock.now) return mtu
    return Math.min(mtu, this.#mtu[slot])
  }

  learn(ns: NetNamespace, words: Int32Array, at: number, mtu: number): void {
    const slot = this.#slot(ns, words, at)
    this.#learned++
    this.#inode[slot] = ns.inode
    copyWords(this.#words, 4 * slot, words, at)
    this.#mtu[slot] = mtu
    this.#until[slot] = this.#clock.look() + LIFETIME
  }
}
