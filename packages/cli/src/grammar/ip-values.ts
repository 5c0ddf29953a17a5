import { ipBytes } from '@netkit/netlink'
import { parsePrefix } from 'netkit'
import type { Value } from './value.ts'

/** An IP address of either family. */
export const ipAddress = (name = 'ADDR'): Value<string> => ({
  name,
  allowed: 'an IP address such as 10.0.0.1 or 2001:db8::1',
  parse: (word) => (ipBytes(word) ? word : undefined),
})

/** An address with the length of its network. */
export const ipPrefix = (name = 'PREFIX'): Value<string> => ({
  name,
  allowed: 'an address with a length such as 10.0.0.1/24',
  parse: (word) => (parsePrefix(word) ? word : undefined),
})

/** Whether an address or a network lies in a network; `default` is all of a family. */
export function contains(outer: string, inner: string): boolean {
  const [out, within] = [parsePrefix(outer), parsePrefix(inner)]
  if (!out || !within || out.family !== within.family || out.length > within.length) return false
  return out.bytes.every((byte, i) => {
    const mask = 0xff00 >> Math.min(8, Math.max(0, out.length - 8 * i))
    return ((byte ^ within.bytes[i]) & mask & 0xff) === 0
  })
}

/** Where routes lead to. */
export const destination = (name = 'PREFIX'): Value<string> => ({
  name,
  allowed: "'default' or a network such as 10.0.0.0/8",
  parse: (word) => (word === 'default' || parsePrefix(word) ? word : undefined),
})

/** One of some names, or a number. */
export const namedNumber = <const T extends string>(
  names: Readonly<Record<T, number>>,
  name: string,
  most: number,
): Value<T | number> => ({
  name,
  allowed: `a number up to ${most}, or one of ${Object.keys(names).join(', ')}`,
  source: Object.keys(names),
  choices: Object.keys(names),
  parse(word) {
    if (Object.hasOwn(names, word)) return word as T
    return /^\d{1,10}$/.test(word) && Number(word) <= most ? Number(word) : undefined
  },
})
