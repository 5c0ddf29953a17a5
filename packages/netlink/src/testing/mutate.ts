import { align4 } from '../bytes/align.ts'
import type { Chance } from './chance.ts'

/** Numbers at which programs trip. */
const EDGES = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 0x7f, 0x80, 0xff, 0x3fff, 0x4000, 0x7fff, 0x8000, 0xfffb, 0xffff]
const WIDE_EDGES = [0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff]

type Mutation = (bytes: Uint8Array, chance: Chance) => Uint8Array

const at = (bytes: Uint8Array, chance: Chance): number => chance.below(bytes.length)
/** A place where a field of a message or attribute is likely to stand. */
const field = (bytes: Uint8Array, chance: Chance): number => Math.min(chance.below(bytes.length) & ~1, bytes.length - 2)

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, chance) {
    bytes[at(bytes, chance)] ^= 1 << chance.below(8)
    return bytes
  },
  function setByte(bytes, chance) {
    bytes[at(bytes, chance)] = chance.u32()
    return bytes
  },
  function setShort(bytes, chance) {
    if (bytes.length < 2) return bytes
    const i = field(bytes, chance)
    const n = chance.pick(EDGES)
    bytes[i] = n
    bytes[i + 1] = n >> 8
    return bytes
  },
  function setWord(bytes, chance) {
    if (bytes.length < 4) return bytes
    const i = Math.min(field(bytes, chance) & ~3, bytes.length - 4)
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(i, chance.pick(WIDE_EDGES), true)
    return bytes
  },
  /** An attribute header that says a little more or less than there is. */
  function nudge(bytes, chance) {
    bytes[at(bytes, chance)] += chance.below(9) - 4
    return bytes
  },
  function cut(bytes, chance) {
    return bytes.slice(0, at(bytes, chance) + 1)
  },
  function drop(bytes, chance) {
    const from = at(bytes, chance) & ~3
    const to = Math.min(bytes.length, from + 4 * (1 + chance.below(8)))
    const out = new Uint8Array(bytes.length - (to - from))
    out.set(bytes.subarray(0, from))
    out.set(bytes.subarray(to), from)
    return out.length > 0 ? out : bytes
  },
  function repeat(bytes, chance) {
    const from = at(bytes, chance) & ~3
    const to = Math.min(bytes.length, from + 4 * (1 + chance.below(16)))
    const out = new Uint8Array(bytes.length + to - from)
    out.set(bytes.subarray(0, to))
    out.set(bytes.subarray(from, to), to)
    out.set(bytes.subarray(to), to + to - from)
    return out
  },
  function insert(bytes, chance) {
    const from = at(bytes, chance) & ~3
    const extra = chance.bytes(4 * (1 + chance.below(4)))
    const out = new Uint8Array(bytes.length + extra.length)
    out.set(bytes.subarray(0, from))
    out.set(extra, from)
    out.set(bytes.subarray(from), from + extra.length)
    return out
  },
]

/** Some bytes, spoilt in a few places. Mostly the length in the message header is made to fit again, so that more is read. */
export function mutate(bytes: Uint8Array, chance: Chance): Uint8Array {
  let out: Uint8Array = bytes.slice()
  if (out.length === 0) return out
  for (let n = 1 + chance.below(3); n > 0; n--) out = chance.pick(MUTATIONS)(out, chance)
  if (out.length >= 16 && chance.odds(7, 8)) new DataView(out.buffer).setUint32(0, out.length, true)
  return out
}

/** Two messages, the attributes of the second behind those of the first. `from`: where the second's attributes begin. */
export function splice(first: Uint8Array, second: Uint8Array, from: number): Uint8Array {
  const tail = second.subarray(Math.min(from, second.length))
  const out = new Uint8Array(align4(first.length) + tail.length)
  out.set(first)
  out.set(tail, align4(first.length))
  if (out.length >= 16) new DataView(out.buffer).setUint32(0, out.length, true)
  return out
}
