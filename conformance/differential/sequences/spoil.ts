import { ADDR, NLMSG_HDRLEN, ROUTE, RTM_NEWADDR, RTM_NEWROUTE } from '@netkit/netlink'
import type { Chance } from '../chance.ts'
import { type Bytes, u16, u32 } from '../wire.ts'

/** Makes one thing wrong, or at least unusual, with a request. */

const NESTED = 0x8000
const BYTE_ORDER = 0x4000
/** Bytes behind the netlink header, by message kind: of links 16, of addresses 8, of all others 12. */
const headOf = (type: number): number => (type < 20 ? 16 : type < 24 ? 8 : 12)

const u16At = (b: Bytes, at: number): number => b[at] | (b[at + 1] << 8)
const put = (b: Bytes, at: number, bytes: Bytes): Bytes => [...b.slice(0, at), ...bytes, ...b.slice(at + bytes.length)]
const withLength = (b: Bytes): Bytes => put(b, 0, u32(b.length))

/** Where the attributes of a message begin. */
function attributesOf(b: Bytes): number[] {
  const found: number[] = []
  for (let at = NLMSG_HDRLEN + headOf(u16At(b, 4)); at + 4 <= b.length; ) {
    const length = u16At(b, at)
    if (length < 4 || at + length > b.length) break
    found.push(at)
    at += (length + 3) & ~3
  }
  return found
}

/** What a request says of time would, spoilt, depend on how fast a kernel plays. */
const tellsTime = (b: Bytes): boolean => {
  const type = u16At(b, 4)
  const timed = type === RTM_NEWADDR ? ADDR.ids.cacheInfo : type === RTM_NEWROUTE ? ROUTE.ids.expires : undefined
  return attributesOf(b).some((at) => (u16At(b, at + 2) & 0x3fff) === timed)
}

/** A number that is not the same. */
const other = (c: Chance, n: number): number => c.pick([0, 1, n - 1, n + 1, n + 4, 0x7f, 0xff].filter((m) => m >= 0))

type Spoiler = (c: Chance, b: Bytes) => Bytes

const anAttribute = (change: (c: Chance, b: Bytes, at: number) => Bytes): Spoiler => {
  return (c, b) => {
    const list = attributesOf(b)
    return list.length === 0 ? b : change(c, b, c.pick(list))
  }
}
const bodyOf = (b: Bytes, at: number): Bytes => b.slice(at, at + ((u16At(b, at) + 3) & ~3))

const SPOILERS: readonly (readonly [weight: number, Spoiler])[] = [
  // Of the attribute: its length, its flags, its number; there twice, or at the end; shorter, or cut off.
  [4, anAttribute((c, b, at) => put(b, at, u16(other(c, u16At(b, at)))))],
  [2, anAttribute((c, b, at) => put(b, at + 2, u16(u16At(b, at + 2) ^ c.pick([NESTED, BYTE_ORDER]))))],
  [2, anAttribute((_, b, at) => withLength([...b, ...bodyOf(b, at)]))],
  [2, anAttribute((_, b, at) => withLength([...b.slice(0, at), ...b.slice(at + bodyOf(b, at).length)]))],
  [
    2,
    anAttribute((c, b, at) => {
      const length = 4 + c.below(Math.max(1, u16At(b, at) - 4))
      const rest = b.slice(at + bodyOf(b, at).length)
      const payload = b.slice(at + 4, at + length)
      const padding = new Array<number>(-length & 3).fill(0)
      return withLength([
        ...b.slice(0, at),
        ...u16(length),
        ...b.slice(at + 2, at + 4),
        ...payload,
        ...padding,
        ...rest,
      ])
    }),
  ],
  // Of the message: a byte of its own header, its length, its flags; something behind it.
  [
    4,
    (c, b) => {
      const at = NLMSG_HDRLEN + 1 + c.below(headOf(u16At(b, 4)) - 1)
      return put(b, at, [c.pick([0, 1, 2, 0x10, 0x80, 0xff])])
    },
  ],
  [2, (c, b) => withLength(b.slice(0, NLMSG_HDRLEN + c.below(headOf(u16At(b, 4)) + 5)))],
  [1, (c, b) => put(b, 6, u16(u16At(b, 6) ^ c.pick([0x100, 0x200, 0x400, 0x800, 0x10, 0x20])))],
  [1, (c, b) => withLength([...b, ...new Array<number>(1 + c.below(8)).fill(0)])],
]

/** The request with one thing wrong; as it is where that would be about time. */
export const spoil = (c: Chance, datagram: Bytes): Bytes =>
  tellsTime(datagram) ? datagram : c.weighted(SPOILERS)(c, datagram)
