import type { Case } from './case.ts'
import type { Op } from './program.ts'

/** A `struct __sk_buff` with these words, by offset. */
const context = (words: Readonly<Record<number, number>>, bytes = 192): string => {
  const buffer = Buffer.alloc(bytes)
  for (const [at, value] of Object.entries(words)) buffer.writeUInt32LE(value, Number(at))
  return buffer.toString('hex')
}

/** UDP from 192.168.1.1 to 192.168.1.2, to the address of `lo`. */
const UDP = `0000000000000200000000010800${'4500002e000040004011f96bc0a80101c0a80102'}${'1234567800198d17'}${'00'.repeat(18)}`

const one = (name: string, more: Partial<Case> = {}): Case => ({ name, packet: UDP, ops: [], verdict: 0, ...more })
const read: Op = ['read', 0, 14]

/** A `struct bpf_tunnel_key`: id, addresses in host order, tos, ttl. */
const key = (bytes: number, label = 0, ext = 0): { readonly bytes: string } => {
  const words = [42, 0x0a000001, 0x01020304, 0x05060708, 0x090a0b0c, 0x4007 | (ext << 16), label, 0x0a000002, 1, 2, 3]
  return {
    bytes: Buffer.from(Uint32Array.from(words).buffer)
      .toString('hex')
      .slice(0, 2 * bytes),
  }
}
const setKey = (size: number, flags: number, label = 0, ext = 0): Op => [
  'skb_set_tunnel_key',
  'ctx',
  key(size, label, ext),
  size,
  flags,
]
const getKey = (size: number, flags: number): Op => ['skb_get_tunnel_key', 'ctx', { out: size }, size, flags]

/** Keys of tunnels and their options. */
const TUNNELS: readonly Case[] = [
  one('no tunnel key', {
    ops: [
      getKey(44, 0),
      ['skb_set_tunnel_opt', 'ctx', { bytes: '01020304' }, 4],
      ['skb_get_tunnel_opt', 'ctx', { out: 8 }, 8],
    ],
  }),
  ...[0, 1, 2, 4, 8, 16, 31, 32].map((flags) =>
    one(`a tunnel key with flags ${flags}`, {
      ops: [
        setKey(44, flags, (flags & 1) !== 0 ? 0xabcdef12 : 0),
        getKey(44, 0),
        getKey(44, 1),
        getKey(44, 16),
        getKey(44, 17),
        getKey(44, 2),
      ],
    }),
  ),
  ...[44, 43, 28, 24, 22, 8, 4].map((size) =>
    one(`a tunnel key of ${size} bytes`, {
      ops: [setKey(size, 0), getKey(size, 0), getKey(44, 0), getKey(8, 16), setKey(size, 1), getKey(size, 1)],
    }),
  ),
  one('a label without IPv6', { ops: [setKey(44, 0, 1), setKey(44, 0, 0, 1)] }),
  one('options of a tunnel', {
    ops: [
      setKey(44, 0),
      ['skb_get_tunnel_opt', 'ctx', { out: 8 }, 8],
      ['skb_set_tunnel_opt', 'ctx', { bytes: '0102030405' }, 5],
      ['skb_set_tunnel_opt', 'ctx', { bytes: '0102030405060708' }, 8],
      ['skb_get_tunnel_opt', 'ctx', { out: 16 }, 16],
      ['skb_get_tunnel_opt', 'ctx', { out: 8 }, 4],
      getKey(44, 16),
    ],
  }),
]

/** How PROG_TEST_RUN takes what it is given, and what it refuses. */
export const WRITTEN: readonly Case[] = [
  ...TUNNELS,
  one('no context'),
  one('an empty context', { context: context({}) }),
  one('all that a context may have', {
    context: context({ 8: 5, 32: 7, 36: 3, 48: 1, 152: 9, 160: 100, 164: 3, 176: 20, 184: 4 }),
    ops: [read, ['set', 8, 4, 55], ['set', 48, 1, 9], ['set', 152, 8, 1000]],
  }),
  ...[0, 12, 16, 20, 44, 68, 72, 76, 84, 88, 140, 144, 168, 180].map((at) =>
    one(`a context may not have byte ${at}`, { context: context({ [at]: 1 }) }),
  ),
  one('a linear part that ends in the IP header', { context: context({ 80: 30 }) }),
  one('a linear part that ends behind it', { context: context({ 80: 34 }), ops: [read, ['read', 30, 10]] }),
  one('a linear part beyond the packet', { context: context({ 80: 61 }) }),
  one('a length on the wire below that of the packet', { context: context({ 160: 10 }) }),
  one('the longest length on the wire', { context: context({ 160: 65536 }) }),
  one('a longer one', { context: context({ 160: 65537 }) }),
  one('more segments than there are', { context: context({ 164: 65536 }) }),
  one('its device is lo', { context: context({ 40: 1 }) }),
  one('its device is not there', { context: context({ 40: 77 }) }),
  one('a context with zeros behind it', { context: context({}, 202) }),
  one('a context with more behind it', { context: context({ 196: 1 }, 202) }),
  one('the start of a context', { context: context({ 8: 4 }, 15) }),
  one('room for less of the context', { context: context({}), contextRoom: 100 }),
  one('room for less of the packet', { room: 40 }),
  one('room for less of both', { context: context({}), room: 40, contextRoom: 40 }),
  one('a sum over the packet', { flags: 4 }),
  one('a sum that is wrong afterwards', { flags: 4, ops: [['write', 20, { bytes: 'ff' }]] }),
  one('an unknown flag', { flags: 1 }),
  one('a processor', { cpu: 1 }),
  one('a batch', { batch: 1 }),
  one('several times', { repeat: 3, ops: [['set', 48, 4, 1]] }),
  one('as often as zero says', { repeat: 0 }),
  one('fragments', { packet: UDP + '11'.repeat(5000), ops: [['skb_load_bytes', 'ctx', 3700, { out: 40 }, 40]] }),
  one('more fragments than there can be', { packet: UDP + '11'.repeat(74_000) }),
  ...[13, 14, 33, 34].map((bytes) => one(`${bytes} bytes of IPv4`, { packet: UDP.slice(0, 2 * bytes) })),
  ...[14, 53, 54].map((bytes) =>
    one(`${bytes} bytes of IPv6`, { packet: `${'00'.repeat(12)}86dd${'00'.repeat(bytes - 14)}` }),
  ),
  one('14 bytes of another protocol', { packet: `${'00'.repeat(12)}0806` }),
  one('a length instead of a protocol', { packet: `${'00'.repeat(12)}0040${'aa'.repeat(20)}` }),
  one('to a group', { packet: `01${'00'.repeat(11)}0806${'00'.repeat(28)}` }),
  one('to all', { packet: 'ff'.repeat(64) }),
  one('to somebody else', { packet: `02${'00'.repeat(11)}0806${'00'.repeat(28)}` }),
  one('a load beyond the packet ends the program', { ops: [['load', 4, 100, 0], read], verdict: 5 }),
  ...[0, 1280, 65535].map((mtu) =>
    one(`check_mtu with ${mtu}`, {
      ops: [
        ['skb_change_tail', 'ctx', 2000, 0],
        ['check_mtu', 'ctx', 0, { inOut: mtu }, 0, 0],
        ['check_mtu', 'ctx', 1, { inOut: mtu }, 4_294_967_196, 1],
        ['check_mtu', 'ctx', 99, { inOut: mtu }, 0, 0],
        ['check_mtu', 'ctx', 0, { inOut: mtu }, 70_000, 0],
        ['check_mtu', 'ctx', 0, { inOut: mtu }, 0, 2],
      ],
    }),
  ),
]
