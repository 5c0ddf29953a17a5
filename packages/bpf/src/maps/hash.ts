import { MAP_HEADER } from '../run/map-header.ts'
import { MAP_FLAG } from '../syscall/numbers.ts'
import { align8, copyBytes, type MapMemory, sameBytes } from './memory.ts'
import { ACCESS_FLAGS, checkShape, MOST_BYTES, MOST_CPU_VALUE_BYTES, MOST_ELEMENT_BYTES, type Shape } from './shape.ts'
import { E2BIG, EEXIST, EINVAL, ENOENT, EXIST, LOCK, type MapSpec, type MapType, NOEXIST } from './type.ts'

/**
 * Chains of elements, a bucket each, the newest element first. All elements exist from the start; those that are not in use form a
 * list. An update of what exists takes another element, so that a program which holds the old value goes on seeing it.
 */

/** What the header has beyond `MAP_HEADER`; u32 each. */
export const HASH_HEADER = {
  /** Address of the buckets, each the address of its first element or 0. */
  BUCKETS: 36,
  /** Number of buckets, a power of two, less one. */
  MASK: 40,
  /** Address of the first element that is not in use, or 0. */
  FREE: 44,
  /** Elements in use. */
  COUNT: 48,
  /** Bytes from the start of an element to its value. */
  VALUE_AT: 52,
  SEED: 56,
  /** Free for those who build on hashes. */
  MORE: 60,
} as const

/** An element: the next one's address, the hash of its key, key, value. */
export const ELEMENT = { NEXT: 0, HASH: 4, KEY: 8 } as const

export const ANY_SIZE: readonly [number, number] = [1, 0xffff_ffff]
const HASH: Shape = {
  key: ANY_SIZE,
  value: ANY_SIZE,
  flags: ACCESS_FLAGS | MAP_FLAG.noPrealloc | MAP_FLAG.zeroSeed,
}

/** Steps of the hash, which compiled programs repeat: each word is mixed in by `(h ^ word) * MULTIPLIER`, rotated left by `ROTATION`;
 *  what is left of the key is a word whose upper bytes are zero; at the end the upper half is mixed into the lower one. */
export const MULTIPLIER = 0x9e3779b1 | 0
export const ROTATION = 15

const valueAt = (keySize: number): number => align8(ELEMENT.KEY + keySize)
export const elementBytes = ({ keySize, valueSize }: Pick<MapSpec, 'keySize' | 'valueSize'>): number =>
  valueAt(keySize) + align8(valueSize)
const bucketCount = (maxEntries: number): number => 2 ** Math.ceil(Math.log2(Math.max(maxEntries, 2)))

const check = (spec: MapSpec): number => checkHash(spec, HASH)

/** 0, or what keeps a map from being a hash of this shape. */
export function checkHash(spec: MapSpec, shape: Shape): number {
  const { keySize, valueSize } = spec
  const error = checkShape(spec, shape)
  return error || (keySize + valueSize >= MOST_ELEMENT_BYTES || bytes(spec) > MOST_BYTES ? E2BIG : 0)
}

/** The same of a hash with values for each CPU. */
export function checkPerCpuHash(spec: MapSpec, shape: Shape): number {
  if ((spec.flags & MAP_FLAG.numaNode) !== 0) return EINVAL
  return checkHash(spec, shape) || (align8(spec.valueSize) > MOST_CPU_VALUE_BYTES ? E2BIG : 0)
}

/** One element more than there may be: the one that the next update takes. */
function bytes(spec: MapSpec): number {
  return align8(4 * bucketCount(spec.maxEntries)) + elementBytes(spec) * (spec.maxEntries + 1)
}

function create({ view }: MapMemory, map: number, spec: MapSpec, at: number): void {
  const buckets = bucketCount(spec.maxEntries)
  const first = at + align8(4 * buckets)
  const size = elementBytes(spec)
  view.setUint32(map + HASH_HEADER.BUCKETS, at, true)
  view.setUint32(map + HASH_HEADER.MASK, buckets - 1, true)
  view.setUint32(map + HASH_HEADER.FREE, first, true)
  view.setUint32(map + HASH_HEADER.VALUE_AT, valueAt(spec.keySize), true)
  view.setUint32(map + HASH_HEADER.SEED, (spec.flags & MAP_FLAG.zeroSeed) !== 0 ? 0 : spec.seed, true)
  for (let i = 0; i < spec.maxEntries; i++) view.setUint32(first + i * size, first + (i + 1) * size, true)
}

/** The hash of the key at an address, as a map of this seed has it. */
export function hashOf({ view }: MapMemory, key: number, keySize: number, seed: number): number {
  let hash = seed | 0
  const words = keySize & -4
  for (let at = 0; at < words; at += 4) hash = mix(hash, view.getInt32(key + at, true))
  if (words < keySize) {
    let rest = 0
    for (let at = keySize - 1; at >= words; at--) rest = (rest << 8) | view.getUint8(key + at)
    hash = mix(hash, rest)
  }
  return hash ^ (hash >>> 16)
}

function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, MULTIPLIER)
  return (product << ROTATION) | (product >>> (32 - ROTATION))
}

const bucketOf = ({ view }: MapMemory, map: number, hash: number): number =>
  view.getUint32(map + HASH_HEADER.BUCKETS, true) + 4 * (hash & view.getUint32(map + HASH_HEADER.MASK, true))

/** Address of where the address of a key's element is kept: a bucket or the element before it. Behind it is 0 if there is none. */
function find(memory: MapMemory, map: number, key: number, keySize: number, hash: number): number {
  const { view } = memory
  let link = bucketOf(memory, map, hash)
  for (let element = view.getUint32(link, true); element !== 0; element = view.getUint32(link, true)) {
    if (view.getInt32(element + ELEMENT.HASH, true) === hash && sameBytes(memory, element + ELEMENT.KEY, key, keySize))
      break
    link = element
  }
  return link
}

function lookup(memory: MapMemory, map: number, key: number): number {
  const { view } = memory
  const keySize = view.getUint32(map + MAP_HEADER.KEY_SIZE, true)
  const hash = hashOf(memory, key, keySize, view.getInt32(map + HASH_HEADER.SEED, true))
  const element = view.getUint32(find(memory, map, key, keySize, hash), true)
  return element && element + view.getUint32(map + HASH_HEADER.VALUE_AT, true)
}

function update(memory: MapMemory, map: number, key: number, value: number, flags: number): number {
  const { view } = memory
  if ((flags & ~LOCK) >>> 0 > EXIST) return EINVAL
  const keySize = view.getUint32(map + MAP_HEADER.KEY_SIZE, true)
  const hash = hashOf(memory, key, keySize, view.getInt32(map + HASH_HEADER.SEED, true))
  const link = find(memory, map, key, keySize, hash)
  const old = view.getUint32(link, true)
  if (old !== 0 && (flags & NOEXIST) !== 0) return EEXIST
  if (old === 0 && (flags & EXIST) !== 0) return ENOENT
  const count = view.getUint32(map + HASH_HEADER.COUNT, true)
  if (old === 0 && count === view.getUint32(map + MAP_HEADER.MAX_ENTRIES, true)) return E2BIG
  const element = view.getUint32(map + HASH_HEADER.FREE, true)
  view.setUint32(map + HASH_HEADER.FREE, view.getUint32(element, true), true)
  view.setInt32(element + ELEMENT.HASH, hash, true)
  copyBytes(memory, element + ELEMENT.KEY, key, keySize)
  const to = element + view.getUint32(map + HASH_HEADER.VALUE_AT, true)
  copyBytes(memory, to, value, view.getUint32(map + MAP_HEADER.VALUE_SIZE, true))
  if (old === 0) view.setUint32(map + HASH_HEADER.COUNT, count + 1, true)
  else unlink(memory, map, link, old)
  const bucket = bucketOf(memory, map, hash)
  view.setUint32(element, view.getUint32(bucket, true), true)
  view.setUint32(bucket, element, true)
  return 0
}

/** Takes an element out of its chain; it is the next one to be used. */
function unlink({ view }: MapMemory, map: number, link: number, element: number): void {
  view.setUint32(link, view.getUint32(element, true), true)
  view.setUint32(element, view.getUint32(map + HASH_HEADER.FREE, true), true)
  view.setUint32(map + HASH_HEADER.FREE, element, true)
}

function remove(memory: MapMemory, map: number, key: number): number {
  const { view } = memory
  const keySize = view.getUint32(map + MAP_HEADER.KEY_SIZE, true)
  const hash = hashOf(memory, key, keySize, view.getInt32(map + HASH_HEADER.SEED, true))
  const link = find(memory, map, key, keySize, hash)
  const element = view.getUint32(link, true)
  if (element === 0) return ENOENT
  unlink(memory, map, link, element)
  view.setUint32(map + HASH_HEADER.COUNT, view.getUint32(map + HASH_HEADER.COUNT, true) - 1, true)
  return 0
}

/** The element behind the one of a key, through all buckets. */
function next(memory: MapMemory, map: number, key: number, to: number): number {
  const { view } = memory
  const keySize = view.getUint32(map + MAP_HEADER.KEY_SIZE, true)
  let bucket = 0
  let element = 0
  if (key !== 0) {
    const hash = hashOf(memory, key, keySize, view.getInt32(map + HASH_HEADER.SEED, true))
    const found = view.getUint32(find(memory, map, key, keySize, hash), true)
    if (found !== 0) {
      bucket = (hash & view.getUint32(map + HASH_HEADER.MASK, true)) + 1
      element = view.getUint32(found, true)
    }
  }
  const buckets = view.getUint32(map + HASH_HEADER.BUCKETS, true)
  const last = view.getUint32(map + HASH_HEADER.MASK, true)
  for (; element === 0 && bucket <= last; bucket++) element = view.getUint32(buckets + 4 * bucket, true)
  if (element === 0) return ENOENT
  copyBytes(memory, to, element + ELEMENT.KEY, keySize)
  return 0
}

function bucket({ view }: MapMemory, map: number, number: number): number[] | undefined {
  if (number > view.getUint32(map + HASH_HEADER.MASK, true)) return undefined
  const keys: number[] = []
  const first = view.getUint32(map + HASH_HEADER.BUCKETS, true) + 4 * number
  for (let e = view.getUint32(first, true); e !== 0; e = view.getUint32(e + ELEMENT.NEXT, true))
    keys.push(e + ELEMENT.KEY)
  return keys
}

export const hash: MapType = { name: 'hash', check, bytes, create, lookup, update, remove, next, bucket }

/** Values for each CPU, of which this machine has one. */
export const percpuHash: MapType = {
  ...hash,
  name: 'percpu_hash',
  perCpu: true,
  check: (spec) => checkPerCpuHash(spec, HASH),
}
