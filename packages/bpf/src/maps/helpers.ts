import type { Helper } from '../run/helper.ts'
import type { MapMemory } from './memory.ts'
import { deleteElement, lookupElement, updateElement } from './table.ts'
import { EINVAL } from './type.ts'

/** Ids of the helpers that work on maps. */
export const MAP_LOOKUP = 1
export const MAP_UPDATE = 2
export const MAP_DELETE = 3

/** The bodies of map_lookup_elem, map_update_elem and map_delete_elem, by id. */
export function mapHelpers(memory: MapMemory): ReadonlyMap<number, Helper> {
  return new Map<number, Helper>([
    [
      MAP_LOOKUP,
      {
        name: 'map_lookup_elem',
        args: ['u32', 'u32'],
        returns: 'u32',
        body: (map, key) => lookupElement(memory, map >>> 0, key >>> 0),
      },
    ],
    [
      MAP_UPDATE,
      {
        name: 'map_update_elem',
        args: ['u32', 'u32', 'u32', 'u64'],
        returns: 's32',
        body: (map, key, value, flags, high) =>
          high !== 0 ? EINVAL : updateElement(memory, map >>> 0, key >>> 0, value >>> 0, flags),
      },
    ],
    [
      MAP_DELETE,
      {
        name: 'map_delete_elem',
        args: ['u32', 'u32'],
        returns: 's32',
        body: (map, key) => deleteElement(memory, map >>> 0, key >>> 0),
      },
    ],
  ])
}
