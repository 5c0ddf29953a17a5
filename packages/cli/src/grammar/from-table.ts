import { type AttrRow, rangeOf } from '@netkit/netlink'
import type { Value } from './value.ts'
import { choice, integer, u32 } from './values.ts'

/** How an attribute's value is written on a command line, read from its table: the names of an enum, the range of a number. */
export function attrValue(row: AttrRow, name: string): Value<string | number> {
  const names = row.codec.names
  if (names) {
    const byName = choice(Object.fromEntries(Object.keys(names).map((n) => [n, n])))
    return { ...byName, parse: byName.parse }
  }
  const policy = row.policy ?? row.codec.policy
  switch (policy.type) {
    case 'u8':
    case 'u16':
    case 'u32':
    case 's32': {
      const { min, max } = rangeOf(policy)
      return integer(name, Number(min), Number(max))
    }
    default:
      return u32(name)
  }
}
