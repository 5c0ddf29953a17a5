import { alu64 } from '../interp/alu.ts'
import { boundedHalves, boundedSigned } from './ranges.ts'
import { ANY, isHalf, known, knownHalves, type Scalar } from './scalar.ts'
import { borrow, isBelow } from './wide.ts'

const isZero = (s: Scalar): boolean => (s.valueH | s.valueL) === 0

/** Unsigned division of known numbers; by zero it gives 0. */
function quotient(ah: number, al: number, b: Scalar): Scalar {
  if (ah === 0 && isHalf(b)) return knownHalves(0, Math.floor((al >>> 0) / (b.valueL >>> 0)) | 0)
  return known(alu64('div', knownHalves(ah, al).umin, b.umin))
}

/** Division of what is known of a number by a known one. Source of all of these: what Linux 7.3 says of such programs. */
export function div(a: Scalar, b: Scalar): Scalar {
  if (isZero(b)) return known(0)
  const low = quotient(a.uminH, a.uminL, b)
  const high = quotient(a.umaxH, a.umaxL, b)
  return boundedHalves(low.uminH, low.uminL, high.umaxH, high.umaxL)
}

/** The remainder. By zero it is the number itself. */
export function mod(a: Scalar, b: Scalar): Scalar {
  if (isZero(b) || isBelow(a.umaxH, a.umaxL, b.uminH, b.uminL)) return a
  return boundedHalves(0, 0, (b.uminH - borrow(b.uminL, 1)) | 0, (b.uminL - 1) | 0)
}

const S32_MIN = -(1n << 31n)
const S64_MIN = -(1n << 63n)

/** Signed division. The least of all numbers divided by -1 is itself. */
export function sdiv(a: Scalar, b: Scalar, width: 32 | 64): Scalar {
  if (isZero(b)) return known(0)
  const least = width === 64 ? S64_MIN : S32_MIN
  if (b.smin === -1n && a.smin === least) return a.smax === least ? a : ANY
  const [x, y] = [a.smin / b.smin, a.smax / b.smin]
  return x < y ? boundedSigned(x, y) : boundedSigned(y, x)
}

/** The signed remainder has the sign of the dividend. */
export function smod(a: Scalar, b: Scalar): Scalar {
  if (isZero(b)) return a
  const { smin, smax } = a
  const most = (b.smin < 0n ? -b.smin : b.smin) - 1n
  if (smin >= -most && smax <= most) return a
  return boundedSigned(smin < 0n ? -most : 0n, smax > 0n ? most : 0n)
}
