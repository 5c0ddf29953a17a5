import { errno } from '@netkit/netlink'
import type { HelperRow, HelperWorld } from './helper.ts'

/** Characters of a text that are looked at. */
const MOST = 65536
/** No text lies below: addresses there are those of users. */
const LOWEST = 4096
/** Upper half of the lowest address that a kernel can have. */
const KERNEL_HIGH = -0x8000

/** Where a text starts; behind all memory if nothing can be read there though a kernel could have it, or -ERANGE. */
function textAt(u8: Uint8Array, low: number, high: number): number {
  const at = low >>> 0
  if (high === 0 && at >= LOWEST && at < u8.length) return at
  return high < 0 && high >= KERNEL_HIGH ? u8.length : -errno.ERANGE
}

/** A character, or a negative number behind the end of memory. */
const charAt = (u8: Uint8Array, at: number): number => (at < u8.length ? u8[at] : -errno.EFAULT)

const same = (char: number): number => char

/** In lower case, as Latin-1 has it. */
const folded = (char: number): number =>
  (char >= 0x41 && char <= 0x5a) || (char >= 0xc0 && char <= 0xde && char !== 0xd7) ? char + 32 : char

function compare(u8: Uint8Array, a: number, b: number, count: number, fold: typeof same): number {
  const most = Math.min(count, MOST)
  for (let i = 0; i < most; i++) {
    const [left, right] = [charAt(u8, a + i), charAt(u8, b + i)]
    if (left < 0 || right < 0) return -errno.EFAULT
    if (fold(left) !== fold(right)) return fold(left) < fold(right) ? -1 : 1
    if (left === 0) return 0
  }
  return most === MOST ? -errno.E2BIG : 0
}

/** Index of the first character that is `char`; of the end if there is none and `orEnd`. */
function indexOf(u8: Uint8Array, at: number, count: number, char: number, orEnd = false): number {
  const most = Math.min(count, MOST)
  for (let i = 0; i < most; i++) {
    const here = charAt(u8, at + i)
    if (here < 0 || here === char) return here < 0 ? here : i
    if (here === 0) return orEnd ? i : -errno.ENOENT
  }
  return most === MOST ? -errno.E2BIG : -errno.ENOENT
}

function lastIndexOf(u8: Uint8Array, at: number, char: number): number {
  let last = -errno.ENOENT
  for (let i = 0; i < MOST; i++) {
    const here = charAt(u8, at + i)
    if (here < 0) return here
    if (here === char) last = i
    if (here === 0) return last
  }
  return -errno.E2BIG
}

function lengthOf(u8: Uint8Array, at: number, count: number): number {
  const index = indexOf(u8, at, count, 0)
  return index === -errno.ENOENT ? count : index
}

/** Characters at the start that are all among those of `set`, or all not. */
function span(u8: Uint8Array, at: number, set: number, among: boolean): number {
  for (let i = 0; i < MOST; i++) {
    const char = charAt(u8, at + i)
    if (char <= 0) return char < 0 ? char : i
    const found = indexOf(u8, set, MOST, char)
    if (found < 0 && found !== -errno.ENOENT) return found
    if (found >= 0 !== among) return i
  }
  return -errno.E2BIG
}

/** Where `part` is within the first `count` characters of a text. */
function find(u8: Uint8Array, at: number, part: number, count: number, fold: typeof same): number {
  for (let i = 0; i < MOST; i++) {
    let j = 0
    for (; j < MOST; j++) {
      const wanted = charAt(u8, part + j)
      if (wanted <= 0) return wanted < 0 ? wanted : i
      if (i + j === count) return -errno.ENOENT
      const char = charAt(u8, at + i + j)
      if (char <= 0) return char < 0 ? char : -errno.ENOENT
      if (fold(char) !== fold(wanted)) break
    }
    if (j === MOST) return -errno.E2BIG
  }
  return -errno.E2BIG
}

/** A function of one text, and of one or two numbers. */
const ofText = (
  name: string,
  numbers: HelperRow['args'],
  body: (u8: Uint8Array, at: number, ...numbers: number[]) => number,
): HelperRow => ({
  name,
  args: ['u64', ...numbers],
  returns: 's32',
  body({ memory: { u8 } }: HelperWorld, low, high, ...rest) {
    const at = textAt(u8, low, high)
    return at < 0 ? at : body(u8, at, ...rest)
  },
})

/** A function of two texts, and with `size_t` of the number of characters that count. */
const ofTexts = (
  name: string,
  numbers: HelperRow['args'],
  body: (u8: Uint8Array, a: number, b: number, count: number) => number,
): HelperRow => ({
  name,
  args: ['u64', 'u64', ...numbers],
  returns: 's32',
  body({ memory: { u8 } }: HelperWorld, low, high, otherLow, otherHigh, count, countHigh) {
    const [a, b] = [textAt(u8, low, high), textAt(u8, otherLow, otherHigh)]
    return a < 0 || b < 0 ? -errno.ERANGE : body(u8, a, b, numbers.length === 0 ? MOST : sizeOf(count, countHigh))
  },
})

/** A size_t, as far as it matters. */
const sizeOf = (low: number, high: number): number => (high === 0 ? low >>> 0 : Number.POSITIVE_INFINITY)

/** Texts in memory: functions of the kernel. Source: spec 02 §3.7; signatures: BTF of Linux 7.3. */
export const STRINGS: readonly HelperRow[] = [
  ofTexts('bpf_strcmp', [], (u8, a, b, count) => compare(u8, a, b, count, same)),
  ofTexts('bpf_strcasecmp', [], (u8, a, b, count) => compare(u8, a, b, count, folded)),
  ofTexts('bpf_strncasecmp', ['u64'], (u8, a, b, count) => compare(u8, a, b, count, folded)),
  ofText('bpf_strchr', ['u32'], (u8, at, char) => indexOf(u8, at, MOST, char & 0xff)),
  ofText('bpf_strchrnul', ['u32'], (u8, at, char) => indexOf(u8, at, MOST, char & 0xff, true)),
  ofText('bpf_strnchr', ['u64', 'u32'], (u8, at, low, high, char) => indexOf(u8, at, sizeOf(low, high), char & 0xff)),
  ofText('bpf_strrchr', ['u32'], (u8, at, char) => lastIndexOf(u8, at, char)),
  ofText('bpf_strlen', [], (u8, at) => lengthOf(u8, at, MOST)),
  ofText('bpf_strnlen', ['u64'], (u8, at, low, high) => lengthOf(u8, at, sizeOf(low, high))),
  ofTexts('bpf_strspn', [], (u8, at, set) => span(u8, at, set, true)),
  ofTexts('bpf_strcspn', [], (u8, at, set) => span(u8, at, set, false)),
  ofTexts('bpf_strstr', [], (u8, at, part, count) => find(u8, at, part, count, same)),
  ofTexts('bpf_strcasestr', [], (u8, at, part, count) => find(u8, at, part, count, folded)),
  ofTexts('bpf_strnstr', ['u64'], (u8, at, part, count) => find(u8, at, part, count, same)),
  ofTexts('bpf_strncasestr', ['u64'], (u8, at, part, count) => find(u8, at, part, count, folded)),
]
