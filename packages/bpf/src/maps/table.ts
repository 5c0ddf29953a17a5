import { MAP_HEADER, MAP_HEADER_BYTES } from '../run/map-header.ts'
import { MAP_TYPE } from '../syscall/numbers.ts'
import { array, percpuArray } from './array.ts'
import { hash } from './hash.ts'
import type { MapMemory } from './memory.ts'
import { EINVAL, type MapSpec, type MapType } from './type.ts'

/** The types of maps, by their numbers. */
const MAP_TYPES: ReadonlyMap<number, MapType> = new Map([
  [MAP_TYPE.hash, hash],
  [MAP_TYPE.array, array],
  [MAP_TYPE.percpuArray, percpuArray],
])

const ENOMEM = -12

/** Makes a map; its handle, or a negative error number. */
export function createMap(memory: MapMemory, spec: MapSpec): number {
  const type = MAP_TYPES.get(spec.type)
  const refused = type ? type.check(spec) : EINVAL
  if (!type || refused < 0) return refused
  const map = memory.reserve(MAP_HEADER_BYTES + type.bytes(spec))
  if (map === 0) return ENOMEM
  const { view } = memory
  view.setUint32(map + MAP_HEADER.TYPE, spec.type, true)
  view.setUint32(map + MAP_HEADER.KEY_SIZE, spec.keySize, true)
  view.setUint32(map + MAP_HEADER.VALUE_SIZE, spec.valueSize, true)
  view.setUint32(map + MAP_HEADER.MAX_ENTRIES, spec.maxEntries, true)
  view.setUint32(map + MAP_HEADER.FLAGS, spec.flags, true)
  view.setUint32(map + MAP_HEADER.ID, spec.id, true)
  type.create(memory, map, spec, map + MAP_HEADER_BYTES)
  return map
}

/** The type of a map. */
const typeOf = ({ view }: MapMemory, map: number): MapType =>
  MAP_TYPES.get(view.getUint32(map + MAP_HEADER.TYPE, true))!

/** Address of a value, 0 if there is none. */
export const lookupElement = (memory: MapMemory, map: number, key: number): number =>
  typeOf(memory, map).lookup(memory, map, key)

export const updateElement = (memory: MapMemory, map: number, key: number, value: number, flags: number): number =>
  typeOf(memory, map).update(memory, map, key, value, flags)

export const deleteElement = (memory: MapMemory, map: number, key: number): number =>
  typeOf(memory, map).remove(memory, map, key)
