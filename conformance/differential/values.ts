import { FIXED_SIZE, LINK, NLA_F_NESTED, type PolicyTable } from '@netkit/netlink'
import { attr, type Bytes, mac, str, u32, zeros } from './wire.ts'

/** Tries at attributes: what may be in them, and what may not. */

const NET_BYTEORDER = 0x4000
const INTERESTING = [
  0, 1, 2, 3, 4, 5, 6, 7, 67, 68, 255, 256, 320, 321, 1279, 1280, 1500, 32767, 32768, 65535, 65536, 65537,
]
const LARGE = [524280, 524281, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]

/** Small process ids may be anyone's. */
const PIDS = [0, 30000, 30001, 39999, 0x7fff_ffff, 0xffff_ffff]

const small = (size: number, n: number): Bytes => u32(n).slice(0, size)

/** Payloads for an attribute of a policy: good ones, ones at and over the limits, and ones of every length. */
export function payloads(table: PolicyTable, id: number): Bytes[] {
  const policy = table.policies[id]
  const type = policy?.type ?? 'unspec'
  const lengths = [0, 1, 2, 3, 4, 5, 6, 8, 12].map((n) => zeros(n))
  const size = FIXED_SIZE[type]
  if (size !== undefined) {
    const numbers = size < 4 ? INTERESTING.filter((n) => n < 256 ** size) : [...INTERESTING, ...LARGE]
    if (table === LINK.policy && id === LINK.ids.netNsPid) return [...PIDS.map((n) => u32(n)), ...lengths]
    return [...numbers.map((n) => small(size, n)), ...lengths, [...u32(1), ...u32(0)], [1, 1, 1, 1, 1]]
  }
  if (type === 'string' || type === 'nul-string') {
    const texts = [
      '',
      'x',
      'nk7',
      'lo',
      'a b',
      'a:b',
      'a/b',
      '.',
      '..',
      'all',
      'default',
      'nk%d',
      'nk%',
      '%d%d',
      '%s',
      'x%dy',
      'ä',
      '123456789012345',
      '1234567890123456',
    ]
    return [
      ...texts.map(str),
      ...texts.map((t) => str(t).slice(0, -1)),
      str('x'.repeat(126)),
      str('x'.repeat(127)),
      str('x'.repeat(128)),
      str('a\0b'),
      ...lengths,
    ]
  }
  if (type === 'binary') {
    return [
      ...lengths,
      mac(1),
      mac(1).map((n) => n | 1),
      [...mac(1), 9],
      [...mac(1), ...zeros(26)],
      zeros(32),
      zeros(33),
      zeros(255),
      zeros(256),
      str('text'),
      str('x'.repeat(255)),
      str('x'.repeat(256)),
    ]
  }
  return [
    ...lengths,
    zeros(16),
    zeros(32),
    attr(1, u32(1)),
    attr(1, []),
    attr(2, [1]),
    attr(0xfff, [1]),
    [5, 0, 1, 0],
    [200, 0, 1, 0, 1, 2, 3, 4],
  ]
}

/** An attribute with flags that it may not have, and twice with different contents. */
export function oddities(id: number, good: Bytes, other: Bytes): Bytes[] {
  return [
    attr(id | NLA_F_NESTED, good),
    attr(id | NET_BYTEORDER, good),
    [...attr(id, good), ...attr(id, other)],
    [...attr(id, other), ...attr(id, good)],
    attr(id, good, good.length + 5),
    attr(id, good, 3),
    [...attr(id, good), 1],
    [...attr(id, good), 1, 2, 3, 4],
  ]
}

/** Something that each link attribute may well contain. */
export function usual(id: number): [Bytes, Bytes] {
  const type = LINK.policy.policies[id]?.type ?? 'unspec'
  const size = FIXED_SIZE[type]
  if (id === LINK.ids.address || id === LINK.ids.broadcast) return [mac(1), mac(2)]
  if (id === LINK.ids.netNsPid) return [u32(39998), u32(39999)]
  if (size !== undefined) return [small(size, 1), small(size, 2)]
  if (type === 'string' || type === 'nul-string') return [str('one'), str('two')]
  if (type === 'binary') return [str('one'), str('two')]
  return [[], attr(1, [1])]
}
