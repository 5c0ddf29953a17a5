/** How a capture counts time: `nanoseconds = ticks × 10⁹ / perSecond + offset × 10⁹`. */
export interface TickClock {
  /** Ticks of a second. */
  readonly perSecond: bigint
  /** Seconds to be added. */
  readonly offset: bigint
  /** Nanoseconds of a tick, when that is whole, small and all there is to it; else 0. */
  readonly factor: number
}

const SECOND = 1_000_000_000n
const WORD = 0x1_0000_0000
/** Up to this factor a product with a 32-bit word is exact in a double. */
const MOST_FACTOR = 1_000_000n

const tickClock = (perSecond: bigint, offset = 0n): TickClock => {
  const simple = offset === 0n && SECOND % perSecond === 0n && SECOND / perSecond <= MOST_FACTOR
  return { perSecond, offset, factor: simple ? Number(SECOND / perSecond) : 0 }
}

/** Microseconds: the resolution where nothing is said. */
export const MICROSECONDS = tickClock(1_000_000n)
export const NANOSECONDS = tickClock(SECOND)

/** The clock of an `if_tsresol` byte: a power of ten, or of two when the highest bit is set. */
export const clockOfResolution = (resolution: number, offset: bigint): TickClock =>
  tickClock((resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f), offset)

/** A time as two unsigned words. Reused. */
export interface TimeWords {
  /** Nanoseconds since 1970, upper and lower 32 bits. Beyond 64 bits they wrap. */
  tsHi: number
  tsLo: number
}

/** Converts a tick count of two words. */
export const ticksToTime = (hi: number, lo: number, clock: TickClock, out: TimeWords): void => {
  const factor = clock.factor
  if (factor === 1) {
    out.tsHi = hi
    out.tsLo = lo
  } else if (factor > 0) {
    const low = lo * factor
    out.tsLo = low % WORD
    out.tsHi = (hi * factor + Math.floor(low / WORD)) % WORD
  } else {
    const ticks = (BigInt(hi) << 32n) | BigInt(lo)
    bigToTime((ticks * SECOND) / clock.perSecond + clock.offset * SECOND, out)
  }
}

/** Converts seconds (32 bits) and nanoseconds (up to 2^42). */
export const secondsToTime = (seconds: number, nanoseconds: number, out: TimeWords): void => {
  // Low bits by integers, so that what the product lacks in precision is rounded away: remainders of doubles are slow.
  const low = (Math.imul(seconds, 1e9) + (nanoseconds | 0)) >>> 0
  out.tsLo = low
  out.tsHi = Math.round((seconds * 1e9 + nanoseconds - low) / WORD)
}

export const bigToTime = (nanoseconds: bigint, out: TimeWords): void => {
  out.tsLo = Number(BigInt.asUintN(32, nanoseconds))
  out.tsHi = Number(BigInt.asUintN(32, nanoseconds >> 32n))
}

export const timeToBig = (time: Readonly<TimeWords>): bigint => (BigInt(time.tsHi) << 32n) | BigInt(time.tsLo)

/** Nanoseconds from one time to another; exact up to 104 days either way. */
export const timeBetween = (from: Readonly<TimeWords>, to: Readonly<TimeWords>): number =>
  (to.tsHi - from.tsHi) * WORD + (to.tsLo - from.tsLo)

/** Seconds of a time since 1970; what is left over goes to `rest.nanoseconds`. */
export const timeToSeconds = (time: Readonly<TimeWords>, rest: { nanoseconds: number }): number => {
  // Long division by digits of 16 bits: no step passes 2^53.
  const { tsHi, tsLo } = time
  const middle = (tsHi % 1e9) * 65536 + (tsLo >>> 16)
  const low = (middle % 1e9) * 65536 + (tsLo & 0xffff)
  rest.nanoseconds = low % 1e9
  return Math.floor(tsHi / 1e9) * WORD + Math.floor(middle / 1e9) * 65536 + Math.floor(low / 1e9)
}
