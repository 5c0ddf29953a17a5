import { MAP_HEADER } from '../run/map-header.ts'
import { MAP_FLAG } from '../syscall/numbers.ts'
import { ANY_SIZE, checkHash, checkPerCpuHash, ELEMENT, elementBytes, HASH_HEADER, hash } from './hash.ts'
import { align8, type MapMemory } from './memory.ts'
import { ACCESS_FLAGS, type Shape } from './shape.ts'
import { EINVAL, ENOTSUPP, type MapSpec, type MapType } from './type.ts'

/**
 * A hash that never fills up: an element that has not been looked up for long makes room. Behind each value is what became of
 * the element; a hand goes round over all of them and takes the first that was not looked up since it came by last.
 */
const STATUS_BYTES = 8
const UNUSED = 0
const USED = 1
const REFERENCED = 2

const SHAPE: Shape = {
  key: ANY_SIZE,
  value: ANY_SIZE,
  flags: ACCESS_FLAGS | MAP_FLAG.noPrealloc | MAP_FLAG.noCommonLru | MAP_FLAG.zeroSeed,
}
/** Number of the element that the hand comes to next. */
const HAND = HASH_HEADER.MORE

const withStatus = (spec: MapSpec): MapSpec => ({ ...spec, valueSize: align8(spec.valueSize) + STATUS_BYTES })

function checkWith(spec: MapSpec, check: typeof checkHash): number {
  const { flags } = spec
  if ((flags & MAP_FLAG.numaNode) !== 0 && (flags & MAP_FLAG.noCommonLru) !== 0) return EINVAL
  const error = check(spec, SHAPE)
  return error === 0 && (flags & MAP_FLAG.noPrealloc) !== 0 ? ENOTSUPP : error
}

const statusAt = ({ view }: MapMemory, map: number, value: number): number =>
  value + align8(view.getUint32(map + MAP_HEADER.VALUE_SIZE, true))

function setStatus(memory: MapMemory, map: number, value: number, status: number): void {
  if (value !== 0) memory.view.setUint32(statusAt(memory, map, value), status, true)
}

function use(memory: MapMemory, map: number, key: number): number {
  const value = hash.lookup(memory, map, key)
  setStatus(memory, map, value, REFERENCED)
  return value
}

function update(memory: MapMemory, map: number, key: number, value: number, flags: number): number {
  const { view } = memory
  const old = hash.lookup(memory, map, key)
  const isFull = view.getUint32(map + HASH_HEADER.COUNT, true) === view.getUint32(map + MAP_HEADER.MAX_ENTRIES, true)
  if (old === 0 && isFull && flags === (flags & 1)) evict(memory, map)
  const error = hash.update(memory, map, key, value, flags)
  if (error !== 0) return error
  setStatus(memory, map, old, UNUSED)
  setStatus(memory, map, hash.lookup(memory, map, key), USED)
  return 0
}

function remove(memory: MapMemory, map: number, key: number): number {
  setStatus(memory, map, hash.lookup(memory, map, key), UNUSED)
  return hash.remove(memory, map, key)
}

/** Goes on with the hand until something was taken out. */
function evict(memory: MapMemory, map: number): void {
  const { view } = memory
  const keySize = view.getUint32(map + MAP_HEADER.KEY_SIZE, true)
  const valueAt = view.getUint32(map + HASH_HEADER.VALUE_AT, true)
  const valueSize = align8(view.getUint32(map + MAP_HEADER.VALUE_SIZE, true)) + STATUS_BYTES
  const size = elementBytes({ keySize, valueSize })
  const buckets = view.getUint32(map + HASH_HEADER.MASK, true) + 1
  const first = view.getUint32(map + HASH_HEADER.BUCKETS, true) + align8(4 * buckets)
  const elements = view.getUint32(map + MAP_HEADER.MAX_ENTRIES, true) + 1
  for (let n = view.getUint32(map + HAND, true); ; n = (n + 1) % elements) {
    const element = first + n * size
    const status = statusAt(memory, map, element + valueAt)
    const was = view.getUint32(status, true)
    if (was === REFERENCED) view.setUint32(status, USED, true)
    if (was !== USED) continue
    view.setUint32(map + HAND, (n + 1) % elements, true)
    remove(memory, map, element + ELEMENT.KEY)
    return
  }
}

export const lruHash: MapType = {
  ...hash,
  name: 'lru_hash',
  check: (spec) => checkWith(spec, checkHash),
  bytes: (spec) => hash.bytes(withStatus(spec)),
  create: (memory, map, spec, at) => hash.create(memory, map, withStatus(spec), at),
  use,
  update,
  remove,
}

/** Values for each CPU, of which this machine has one. */
export const lruPercpuHash: MapType = {
  ...lruHash,
  name: 'lru_percpu_hash',
  perCpu: true,
  check: (spec) => checkWith(spec, checkPerCpuHash),
}
