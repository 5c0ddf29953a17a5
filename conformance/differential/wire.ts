import { NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST } from '@netkit/netlink'

/** Builds messages by hand, right ones and wrong ones: the tables of the wire would not let the wrong ones through. */

export type Bytes = readonly number[]

export const REQ = NLM_F_REQUEST | NLM_F_ACK
export const CREATE = REQ | NLM_F_CREATE | NLM_F_EXCL
export const DUMP = NLM_F_REQUEST | NLM_F_DUMP

export const u8 = (n: number): Bytes => [n & 0xff]
export const u16 = (n: number): Bytes => [n & 0xff, (n >>> 8) & 0xff]
export const u32 = (n: number): Bytes => [n & 0xff, (n >>> 8) & 0xff, (n >>> 16) & 0xff, (n >>> 24) & 0xff]
export const zeros = (n: number): Bytes => new Array<number>(n).fill(0)
export const bytes = (hex: string): Bytes => [...Buffer.from(hex, 'hex')]
/** Text, one byte a character, without and with a NUL. */
export const chars = (text: string): Bytes => [...Buffer.from(text, 'latin1')]
export const str = (text: string): Bytes => [...chars(text), 0]
export const mac = (last: number): Bytes => [2, 0, 0, 0, 0, last]

/** An attribute. `type`: its id, flags included. `length`: what its header says, if not the truth. */
export function attr(type: number, payload: Bytes = [], length = payload.length + 4): Bytes {
  return [...u16(length), ...u16(type), ...payload, ...zeros(-payload.length & 3)]
}

export const nest = (type: number, ...inner: readonly Bytes[]): Bytes => attr(type, inner.flat())

export interface Header {
  readonly type: number
  readonly flags?: number
  readonly seq?: number
  /** What the header says, if not the truth. */
  readonly length?: number
}

export function message(h: Header, ...body: readonly Bytes[]): Bytes {
  const content = body.flat()
  return [
    ...u32(h.length ?? content.length + 16),
    ...u16(h.type),
    ...u16(h.flags ?? REQ),
    ...u32(h.seq ?? 1),
    ...u32(0),
    ...content,
  ]
}

/** The header of link messages. */
export interface LinkHead {
  readonly family?: number
  readonly pad?: number
  readonly artype?: number
  readonly index?: number
  readonly flags?: number
  readonly change?: number
}

export const linkHead = (h: LinkHead = {}): Bytes => [
  ...u8(h.family ?? 0),
  ...u8(h.pad ?? 0),
  ...u16(h.artype ?? 0),
  ...u32(h.index ?? 0),
  ...u32(h.flags ?? 0),
  ...u32(h.change ?? 0),
]

export const hex = (b: Bytes): string => Buffer.from(b).toString('hex')
