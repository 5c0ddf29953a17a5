import { MAP_HEADER } from '../run/map-header.ts'
import { MAP_FLAG } from '../syscall/numbers.ts'
import { ELEMENT, HASH_HEADER, hash } from './hash.ts'
import { align8, copyBytes, type MapMemory } from './memory.ts'
import { ACCESS_FLAGS, checkShape, type Shape } from './shape.ts'
import { E2BIG, EINVAL, ENOENT, ENOSPC, EXIST, type MapSpec, type MapType } from './type.ts'

/**
 * Prefixes, of which the longest that fits is found. A key is the number of its bits and the bits. Kept as a hash of the prefixes
 * without what follows them, and how many there are of each length: a look-up asks for each length that there is. The key as it
 * was given lies behind the value.
 */
const BITS_AT = 4
const SHAPE: Shape = {
  key: [BITS_AT + 1, BITS_AT + 256],
  value: [1, (4 << 20) - 1],
  flags: ACCESS_FLAGS | MAP_FLAG.noPrealloc,
  required: MAP_FLAG.noPrealloc,
}
/** Address of how many prefixes there are of each length, u32 each; behind it room for a key. */
const LENGTHS = HASH_HEADER.MORE

const bitsOf = (keySize: number): number => 8 * (keySize - BITS_AT)
const lengthsBytes = (keySize: number): number => align8(4 * (bitsOf(keySize) + 1))
const withKey = (spec: MapSpec): MapSpec => ({ ...spec, valueSize: align8(spec.valueSize) + align8(spec.keySize) })

const check = (spec: MapSpec): number => checkShape(spec, SHAPE) || (bytes(spec) > 0x7fff_ffff ? E2BIG : 0)

const bytes = (spec: MapSpec): number =>
  align8(hash.bytes(withKey(spec))) + lengthsBytes(spec.keySize) + align8(spec.keySize)

function create(memory: MapMemory, map: number, spec: MapSpec, at: number): void {
  hash.create(memory, map, withKey(spec), at)
  memory.view.setUint32(map + LENGTHS, at + align8(hash.bytes(withKey(spec))), true)
}

const keySizeOf = ({ view }: MapMemory, map: number): number => view.getUint32(map + MAP_HEADER.KEY_SIZE, true)

/** Puts the first `length` bits of a key where the map has room for it; its address. */
function prefix(memory: MapMemory, map: number, key: number, length: number): number {
  const { view, u8 } = memory
  const keySize = keySizeOf(memory, map)
  const to = view.getUint32(map + LENGTHS, true) + lengthsBytes(keySize)
  const whole = length >>> 3
  const data = to + BITS_AT
  view.setUint32(to, length, true)
  copyBytes(memory, data, key + BITS_AT, whole)
  u8.fill(0, data + whole, to + keySize)
  if ((length & 7) !== 0) u8[data + whole] = u8[key + BITS_AT + whole] & (0xff00 >>> (length & 7))
  return to
}

const countAt = ({ view }: MapMemory, map: number, length: number): number =>
  view.getUint32(map + LENGTHS, true) + 4 * length

function lookup(memory: MapMemory, map: number, key: number): number {
  const { view } = memory
  const wanted = view.getUint32(key, true)
  if (wanted > bitsOf(keySizeOf(memory, map))) return 0
  for (let length = wanted; length >= 0; length--) {
    if (view.getUint32(countAt(memory, map, length), true) === 0) continue
    const value = hash.lookup(memory, map, prefix(memory, map, key, length))
    if (value !== 0) return value
  }
  return 0
}

function count({ view }: MapMemory, at: number, by: number): void {
  view.setUint32(at, view.getUint32(at, true) + by, true)
}

function update(memory: MapMemory, map: number, key: number, value: number, flags: number): number {
  const { view } = memory
  const length = view.getUint32(key, true)
  if (flags > EXIST || length > bitsOf(keySizeOf(memory, map))) return EINVAL
  const before = view.getUint32(map + HASH_HEADER.COUNT, true)
  const error = hash.update(memory, map, prefix(memory, map, key, length), value, flags)
  if (error !== 0) return error === E2BIG ? ENOSPC : error
  if (view.getUint32(map + HASH_HEADER.COUNT, true) !== before) count(memory, countAt(memory, map, length), 1)
  const stored = hash.lookup(memory, map, prefix(memory, map, key, length))
  copyBytes(memory, givenKey(memory, map, stored), key, keySizeOf(memory, map))
  return 0
}

/** Where the key lies that was given with a value. */
const givenKey = ({ view }: MapMemory, map: number, value: number): number =>
  value + align8(view.getUint32(map + MAP_HEADER.VALUE_SIZE, true))

function remove(memory: MapMemory, map: number, key: number): number {
  const length = memory.view.getUint32(key, true)
  if (length > bitsOf(keySizeOf(memory, map))) return EINVAL
  const error = hash.remove(memory, map, prefix(memory, map, key, length))
  if (error === 0) count(memory, countAt(memory, map, length), -1)
  return error
}

/** Which of two prefixes comes first: what lies in another one before it, else the lower one. */
function compare({ view, u8 }: MapMemory, a: number, b: number): number {
  const lengthA = view.getUint32(a, true)
  const lengthB = view.getUint32(b, true)
  const shorter = Math.min(lengthA, lengthB)
  for (let bit = 0; bit < shorter; bit += 8) {
    const mask = shorter - bit >= 8 ? 0xff : (0xff00 >>> (shorter - bit)) & 0xff
    const at = BITS_AT + (bit >>> 3)
    const difference = (u8[a + at] & mask) - (u8[b + at] & mask)
    if (difference !== 0) return difference
  }
  return lengthB - lengthA
}

/** Goes through all prefixes for the next one: only requests do this. */
function next(memory: MapMemory, map: number, key: number, to: number): number {
  const { view } = memory
  const isKnown = key !== 0 && view.getUint32(key, true) <= bitsOf(keySizeOf(memory, map))
  const from = isKnown && hash.lookup(memory, map, prefix(memory, map, key, view.getUint32(key, true))) !== 0 ? key : 0
  const buckets = view.getUint32(map + HASH_HEADER.BUCKETS, true)
  const last = view.getUint32(map + HASH_HEADER.MASK, true)
  let best = 0
  for (let bucket = 0; bucket <= last; bucket++) {
    for (let e = view.getUint32(buckets + 4 * bucket, true); e !== 0; e = view.getUint32(e + ELEMENT.NEXT, true)) {
      const at = e + ELEMENT.KEY
      if (from !== 0 && compare(memory, at, from) <= 0) continue
      if (best === 0 || compare(memory, at, best + ELEMENT.KEY) < 0) best = e
    }
  }
  if (best === 0) return ENOENT
  const value = best + view.getUint32(map + HASH_HEADER.VALUE_AT, true)
  copyBytes(memory, to, givenKey(memory, map, value), keySizeOf(memory, map))
  return 0
}

export const lpmTrie: MapType = { name: 'lpm_trie', check, bytes, create, lookup, update, remove, next }
