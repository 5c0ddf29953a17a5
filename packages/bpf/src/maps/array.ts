import { MAP_HEADER } from '../run/map-header.ts'
import { align8, copyBytes, type MapMemory } from './memory.ts'
import { E2BIG, EEXIST, EINVAL, EXIST, LOCK, type MapSpec, type MapType, NOEXIST } from './type.ts'

/** Values together. */
const MOST_BYTES = 0x7fff_ffff
const KEY_BYTES = 4

const check = ({ keySize, valueSize, maxEntries }: MapSpec): number => {
  if (keySize !== KEY_BYTES || valueSize < 1 || maxEntries < 1) return EINVAL
  return align8(valueSize) * maxEntries > MOST_BYTES ? E2BIG : 0
}

function create({ view }: MapMemory, map: number, { valueSize, maxEntries }: MapSpec, at: number): void {
  const stride = align8(valueSize)
  view.setUint32(map + MAP_HEADER.VALUES, at, true)
  view.setUint32(map + MAP_HEADER.STRIDE, stride, true)
  view.setUint32(map + MAP_HEADER.CPU_STRIDE, stride * maxEntries, true)
}

function lookup({ view }: MapMemory, map: number, key: number): number {
  const index = view.getUint32(key, true)
  if (index >= view.getUint32(map + MAP_HEADER.MAX_ENTRIES, true)) return 0
  return view.getUint32(map + MAP_HEADER.VALUES, true) + index * view.getUint32(map + MAP_HEADER.STRIDE, true)
}

function update(memory: MapMemory, map: number, key: number, value: number, flags: number): number {
  if ((flags & ~LOCK) >>> 0 > EXIST) return EINVAL
  const at = lookup(memory, map, key)
  if (at === 0) return E2BIG
  if ((flags & NOEXIST) !== 0) return EEXIST
  copyBytes(memory, at, value, memory.view.getUint32(map + MAP_HEADER.VALUE_SIZE, true))
  return 0
}

const remove = (): number => EINVAL

const bytes = ({ valueSize, maxEntries }: MapSpec): number => align8(valueSize) * maxEntries

/** Values one after the other, all there from the start. */
export const array: MapType = { name: 'array', check, bytes, create, lookup, update, remove }

/** Values for each CPU, of which this machine has one. */
export const percpuArray: MapType = { ...array, name: 'percpu_array' }
