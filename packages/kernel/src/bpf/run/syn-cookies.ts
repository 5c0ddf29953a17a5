import type { World } from '../../world.ts'

/** Segment sizes that a cookie can stand for, by its index, by version of IP. Source: Linux 6.18. */
const SIZES = { 4: [536, 1300, 1440, 1460], 6: [1220, 1420, 1440, 8940] } as const
/** A cookie counts for two of these, in seconds. */
const PERIOD = 60n
const NS = 1_000_000_000n
const LOW = 0xff_ffff

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by))

/** Mixes words into one that says nothing of the secret among them. */
function mix(words: Int32Array, more: readonly number[]): number {
  let h = 0x2545_f491
  const add = (word: number): void => {
    h = Math.imul(rotate(h ^ Math.imul(word, 0x85eb_ca6b), 15), 0xc2b2_ae35) + 0x9e37_79b9
  }
  for (const word of words) add(word)
  for (const word of more) add(word)
  h = Math.imul(h ^ (h >>> 16), 0x7feb_352d)
  return h ^ (h >>> 15)
}

/** Sequence numbers that tell a listener what it would otherwise have to remember of a SYN. */
export class SynCookies {
  readonly #world: World
  #secrets: readonly number[] | undefined

  constructor(world: World) {
    this.#world = world
  }

  get #keys(): readonly number[] {
    this.#secrets ??= [this.#world.random(), this.#world.random()]
    return this.#secrets
  }

  get #period(): number {
    return Number((this.#world.now() / NS / PERIOD) & 0xffn)
  }

  /** The cookie for a SYN, and the segment size that it stands for. `tuple`: addresses and ports. */
  make(version: 4 | 6, tuple: Int32Array, seq: number, mss: number): { readonly cookie: number; readonly mss: number } {
    const sizes = SIZES[version]
    let index = sizes.length - 1
    while (index > 0 && sizes[index] > mss) index--
    const [first, second] = this.#keys
    const period = this.#period
    const inner = (mix(tuple, [second, period]) + index) & LOW
    return { cookie: (mix(tuple, [first]) + seq + (period << 24) + inner) >>> 0, mss: sizes[index] }
  }

  /** Whether an ACK answers a cookie of this or the last minute. `seq`, `ack`: as in its header. */
  check(version: 4 | 6, tuple: Int32Array, seq: number, ack: number): boolean {
    const [first, second] = this.#keys
    const rest = (ack - 1 - mix(tuple, [first]) - (seq - 1)) | 0
    const period = (rest >>> 24) & 0xff
    if (((this.#period - period) & 0xff) >= 2) return false
    const index = (rest - mix(tuple, [second, period])) & LOW
    return index < SIZES[version].length
  }
}
