import type { RulePorts, UidRange } from 'netkit'
import type { Value } from '../../grammar/value.ts'
import { integer, u32 } from '../../grammar/values.ts'

const MOST_PORT = 0xffff
const MOST_REALM = 0xffff

const port = integer('PORT', 1, MOST_PORT)
const realm = integer('REALM', 0, MOST_REALM)

/** A number, and the bits of it that count. */
export const masked = (name: string, most: number): Value<{ readonly value: number; readonly mask?: number }> => {
  const part = integer(name, 0, most)
  return {
    name: `${name}[/MASK]`,
    allowed: `a number up to ${most}, with a mask behind '/' if only some bits count`,
    parse(word) {
      const [value, mask, ...more] = word.split('/').map((one) => part.parse(one))
      if (value === undefined || more.length > 0) return undefined
      if (!word.includes('/')) return { value }
      return mask === undefined ? undefined : { value, mask }
    },
  }
}

/** One port, a range of them, or some bits of one. */
export const ports: Value<RulePorts> = {
  name: '{ PORT | PORT-PORT | PORT/MASK }',
  allowed: 'a port such as 80, ports such as 1000-2000, or a port with a mask such as 0x50/0xfff0',
  parse(word) {
    const range = /^([^-/]+)(?:([-/])([^-/]+))?$/.exec(word)
    const first = range && port.parse(range[1])
    if (!range || !first) return undefined
    if (range[2] === undefined) return { first }
    const second = port.parse(range[3])
    if (second === undefined) return undefined
    return range[2] === '/' ? { first, mask: second } : { first, last: second }
  },
}

export const uidRange: Value<UidRange> = {
  name: 'UID-UID',
  allowed: 'user ids such as 1000-1999',
  parse(word) {
    const [start, end, ...more] = word.split('-').map((one) => u32('UID').parse(one))
    return start === undefined || end === undefined || more.length > 0 ? undefined : { start, end }
  },
}

/** `from/to`, or `to` alone. */
export const realms: Value<number> = {
  name: '[FROM/]TO',
  allowed: `one or two numbers up to ${MOST_REALM} such as 1/2`,
  parse(word) {
    const parts = word.split('/').map((one) => realm.parse(one))
    if (parts.length > 2 || parts.includes(undefined)) return undefined
    const [to = 0, from = 0] = parts.reverse()
    return from * 0x1_0000 + to
  },
}
