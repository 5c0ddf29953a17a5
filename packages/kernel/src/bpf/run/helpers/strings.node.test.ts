import { readFileSync } from 'node:fs'
import { errno } from '@netkit/netlink'
import { expect, test } from 'vitest'
import type { HelperWorld } from './helper.ts'
import { STRINGS } from './strings.ts'

/** Function, texts in hex, number in hex, character, places of the texts in hex, answer of Linux 6.18: `conformance/bpf-strings`. */
type Case = readonly [string, string, string, string, number, string, string, number]
const recorded = new URL('../../../../../../conformance/cases/bpf-strings.json', import.meta.url)
const cases = JSON.parse(readFileSync(recorded, 'utf8')) as Case[]

const TEXT_A = 5000
const TEXT_B = 6000
const LONG_A = 8000
const LONG_B = LONG_A + 65537

const words = (value: bigint): number[] => [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))]

function call(u8: Uint8Array, name: string, ...args: readonly (bigint | number)[]): number {
  const row = STRINGS.find((one) => one.name === name)!
  const passed = args.flatMap((arg) => (typeof arg === 'bigint' ? words(arg) : [arg]))
  return row.body({ memory: { u8 } } as HelperWorld, ...passed)
}

/** Where a text is: as it is in the case, the long one, nowhere, elsewhere. */
const place = (at: bigint, text: number, long: number): bigint =>
  ({ 0: BigInt(text), 1: BigInt(long), 3: 0n })[String(at)] ?? at

const TWO = new Set(['strcmp', 'strcasecmp', 'strspn', 'strcspn', 'strstr', 'strnstr'])
const NUMBER = new Set(['strnchr', 'strnlen', 'strnstr'])
const CHARACTER = new Set(['strchr', 'strchrnul', 'strnchr', 'strrchr'])

function answer([name, a, b, n, c, atA, atB]: Case): number {
  const u8 = new Uint8Array(LONG_B + 65537 + 64)
  u8.fill(0x61, LONG_A, LONG_B + 65537)
  u8.set(Buffer.from(a, 'hex'), TEXT_A)
  u8.set(Buffer.from(b, 'hex'), TEXT_B)
  const args: (bigint | number)[] = [place(BigInt(`0x${atA}`), TEXT_A, LONG_A)]
  if (TWO.has(name)) args.push(place(BigInt(`0x${atB}`), TEXT_B, LONG_B))
  if (NUMBER.has(name)) args.push(BigInt(`0x${n}`))
  if (CHARACTER.has(name)) args.push(c)
  return call(u8, `bpf_${name}`, ...args)
}

test('string functions answer as on Linux', () => {
  expect(cases.length).toBeGreaterThan(500)
  const wrong = cases.filter((one) => answer(one) !== one.at(-1))
  expect(wrong.map((one) => [...one, answer(one)])).toEqual([])
})

const memory = (...texts: readonly string[]): Uint8Array => {
  const u8 = new Uint8Array(8192)
  for (const [i, text] of texts.entries()) u8.set(new TextEncoder().encode(text), TEXT_A + i * 1000)
  return u8
}

test.each([
  ['bpf_strncasecmp', 'abcX', 'ABCy', 3n, 0],
  ['bpf_strncasecmp', 'abcX', 'ABCy', 4n, -1],
  ['bpf_strncasecmp', 'abc', 'ABC', 1n << 40n, 0],
  ['bpf_strcasestr', 'xxAbC', 'aBc', undefined, 2],
  ['bpf_strcasestr', 'xxAbC', 'abd', undefined, -errno.ENOENT],
  ['bpf_strncasestr', 'xxAbC', 'ABC', 5n, 2],
  ['bpf_strncasestr', 'xxAbC', 'ABC', 4n, -errno.ENOENT],
])('%s of %s and %s, %s', (name, a, b, count, expected) => {
  const args = count === undefined ? [] : [count]
  expect(call(memory(a, b), name, BigInt(TEXT_A), BigInt(TEXT_B), ...args)).toBe(expected)
})

test('a text that has no end before memory has is an error', () => {
  const u8 = new Uint8Array(8192).fill(0x61)
  expect(call(u8, 'bpf_strlen', 8190n)).toBe(-errno.EFAULT)
  expect(call(u8, 'bpf_strnlen', 8190n, 2n)).toBe(2)
  expect(call(u8, 'bpf_strlen', 8192n)).toBe(-errno.ERANGE)
})
