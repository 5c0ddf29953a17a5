import { MAP_FLAG } from '../syscall/numbers.ts'
import { array, checkArray, lookupIndex } from './array.ts'
import { checkHash, hash } from './hash.ts'
import type { MapMemory } from './memory.ts'
import { programArray } from './program-array.ts'
import { ACCESS_FLAGS, type Shape, USER_ACCESS_FLAGS } from './shape.ts'
import type { MapType } from './type.ts'

/** Handles of maps, 0 where there is none. Programs that look one up get the map itself. */
const ARRAY: Shape = { key: [4, 4], value: [4, 4], flags: USER_ACCESS_FLAGS }
const HASH: Shape = {
  key: [1, 0xffff_ffff],
  value: [4, 4],
  flags: ACCESS_FLAGS | MAP_FLAG.noPrealloc | MAP_FLAG.zeroSeed,
}

const innerOf = ({ view }: MapMemory, at: number): number => (at === 0 ? 0 : view.getUint32(at, true))

export const arrayOfMaps: MapType = {
  ...array,
  name: 'array_of_maps',
  holds: 'map',
  check: (spec) => checkArray(spec, ARRAY),
  use: (memory, map, key) => innerOf(memory, lookupIndex(memory, map, key)),
  admit: programArray.admit,
  update: programArray.update,
  remove: programArray.remove,
}

export const hashOfMaps: MapType = {
  ...hash,
  name: 'hash_of_maps',
  holds: 'map',
  check: (spec) => checkHash(spec, HASH),
  use: (memory, map, key) => innerOf(memory, hash.lookup(memory, map, key)),
}
