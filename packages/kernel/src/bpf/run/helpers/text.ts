import { errno } from '@netkit/netlink'
import type { HelperRow, HelperWorld } from './helper.ts'

const U64_MAX = (1n << 64n) - 1n
const S64_MAX = (1n << 63n) - 1n
/** Characters of a number that are looked at, with its prefix. */
const MOST_DIGITS = 63

/** What was read of a number, or a negative error. */
interface Parsed {
  readonly value: bigint
  readonly negative: boolean
  readonly consumed: number
}

/** A number at the start of a text, as Linux reads it. */
function parseNumber(text: string, flags: number): Parsed | number {
  if (flags !== 0 && flags !== 8 && flags !== 10 && flags !== 16) return -errno.EINVAL
  const space = /^\s*/.exec(text)?.[0].length ?? 0
  const negative = text[space] === '-'
  const start = space + (negative ? 1 : 0)
  const digits = text.slice(start, start + MOST_DIGITS).split('\0')[0]
  const isHex = /^0x[\da-f]/i.test(digits)
  const base = flags !== 0 ? flags : isHex ? 16 : digits.startsWith('0') ? 8 : 10
  const prefix = base === 16 && isHex ? 2 : 0
  const found = DIGITS[base as 8 | 10 | 16].exec(digits.slice(prefix))?.[0] ?? ''
  if (found === '') return -errno.EINVAL
  const value = BigInt(`${PREFIX[base as 8 | 10 | 16]}${found}`)
  return value > U64_MAX ? -errno.ERANGE : { value, negative, consumed: start + prefix + found.length }
}

const DIGITS = { 8: /^[0-7]+/, 10: /^\d+/, 16: /^[\da-f]+/i } as const
const PREFIX = { 8: '0o', 10: '', 16: '0x' } as const

const latin1 = ({ memory: { u8 } }: HelperWorld, at: number, bytes: number): string =>
  String.fromCharCode(...u8.subarray(at, at + bytes))

/** Reads a number; `signed`: with what sign, if any. */
const numberReader = (name: string, signed: boolean): HelperRow => ({
  name,
  args: ['u32', 'u32', 'u64', 'u32'],
  returns: 's32',
  body(of, from, bytes, flags, high, to) {
    const { view } = of.memory
    view.setBigUint64(to >>> 0, 0n, true)
    const parsed = high !== 0 ? -errno.EINVAL : parseNumber(latin1(of, from >>> 0, Math.min(bytes >>> 0, 4096)), flags)
    if (typeof parsed === 'number') return parsed
    const { value, negative, consumed } = parsed
    if (negative && !signed) return -errno.EINVAL
    if (signed && value > (negative ? S64_MAX + 1n : S64_MAX)) return -errno.ERANGE
    view.setBigUint64(to >>> 0, BigInt.asUintN(64, negative ? -value : value), true)
    return consumed
  },
})

/** Numbers in texts, and texts. Source: spec 02 §3.6. */
export const TEXT: readonly HelperRow[] = [
  numberReader('strtol', true),
  numberReader('strtoul', false),
  {
    name: 'strncmp',
    args: ['u32', 'u32', 'u32'],
    returns: 's32',
    body({ memory: { u8 } }, a, bytes, b) {
      for (let i = 0; i < bytes >>> 0; i++) {
        const [left, right] = [u8[(a >>> 0) + i], u8[(b >>> 0) + i]]
        if (left !== right) return left < right ? -1 : 1
        if (left === 0) return 0
      }
      return 0
    },
  },
]
