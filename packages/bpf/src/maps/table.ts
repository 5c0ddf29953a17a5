import { MAP_HEADER, MAP_HEADER_BYTES } from '../run/map-header.ts'
import { MAP_TYPE } from '../syscall/numbers.ts'
import { array, percpuArray } from './array.ts'
import { bloomFilter } from './bloom-filter.ts'
import { cpumap, devmap, devmapHash, xskmap } from './devmap.ts'
import { HASH_HEADER, hash, percpuHash } from './hash.ts'
import { lpmTrie } from './lpm-trie.ts'
import { lruHash, lruPercpuHash } from './lru-hash.ts'
import { arrayOfMaps, hashOfMaps } from './map-of-maps.ts'
import type { MapMemory } from './memory.ts'
import { cgroupArray, perfEventArray, programArray } from './program-array.ts'
import { queue, stack } from './queue.ts'
import { ringbuf } from './ringbuf.ts'
import { skStorage } from './sk-storage.ts'
import { EINVAL, EOPNOTSUPP, type MapSpec, type MapType } from './type.ts'

/** The types of maps, by their numbers. */
export const MAP_TYPES: ReadonlyMap<number, MapType> = new Map([
  [MAP_TYPE.hash, hash],
  [MAP_TYPE.array, array],
  [MAP_TYPE.percpuArray, percpuArray],
  [MAP_TYPE.percpuHash, percpuHash],
  [MAP_TYPE.progArray, programArray],
  [MAP_TYPE.perfEventArray, perfEventArray],
  [MAP_TYPE.cgroupArray, cgroupArray],
  [MAP_TYPE.lruHash, lruHash],
  [MAP_TYPE.lruPercpuHash, lruPercpuHash],
  [MAP_TYPE.lpmTrie, lpmTrie],
  [MAP_TYPE.arrayOfMaps, arrayOfMaps],
  [MAP_TYPE.hashOfMaps, hashOfMaps],
  [MAP_TYPE.devmap, devmap],
  [MAP_TYPE.devmapHash, devmapHash],
  [MAP_TYPE.cpumap, cpumap],
  [MAP_TYPE.xskmap, xskmap],
  [MAP_TYPE.queue, queue],
  [MAP_TYPE.stack, stack],
  [MAP_TYPE.bloomFilter, bloomFilter],
  [MAP_TYPE.ringbuf, ringbuf],
  [MAP_TYPE.skStorage, skStorage],
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

/** Gives back what a map took. */
export function destroyMap(memory: MapMemory, map: number, spec: MapSpec): void {
  const bytes = MAP_TYPES.get(spec.type)?.bytes(spec) ?? 0
  memory.release(map, MAP_HEADER_BYTES + bytes)
}

/** The type of a map. */
const mapTypeOf = ({ view }: MapMemory, map: number): MapType =>
  MAP_TYPES.get(view.getUint32(map + MAP_HEADER.TYPE, true))!

const useElement = (type: MapType, memory: MapMemory, map: number, key: number): number =>
  type.use ? type.use(memory, map, key) : type.lookup(memory, map, key)

/** What a program that looks up a key gets: the address of a value, 0 if there is none. */
export const lookupElement = (memory: MapMemory, map: number, key: number): number =>
  useElement(mapTypeOf(memory, map), memory, map, key)

export const updateElement = (memory: MapMemory, map: number, key: number, value: number, flags: number): number =>
  mapTypeOf(memory, map).update(memory, map, key, value, flags)

export const deleteElement = (memory: MapMemory, map: number, key: number): number =>
  mapTypeOf(memory, map).remove(memory, map, key)

/** Takes a value in, copies the one whose turn it is, or takes that out: of types without keys. */
export const pushElement = (memory: MapMemory, map: number, value: number, flags: number): number =>
  mapTypeOf(memory, map).update(memory, map, 0, value, flags)

export const peekElement = (memory: MapMemory, map: number, to: number): number =>
  mapTypeOf(memory, map).peek?.(memory, map, to) ?? EOPNOTSUPP

export const popElement = (memory: MapMemory, map: number, to: number): number =>
  mapTypeOf(memory, map).pop?.(memory, map, to) ?? EOPNOTSUPP

const T = MAP_TYPE
const COUNTED: ReadonlySet<number> = new Set([T.hash, T.percpuHash, T.lruHash, T.lruPercpuHash, T.hashOfMaps])

/** Elements in a hash map of any kind; 0 for other types, of which nobody counts them, as on Linux. */
export const countElements = ({ view }: MapMemory, map: number): number =>
  COUNTED.has(view.getUint32(map + MAP_HEADER.TYPE, true)) ? view.getUint32(map + HASH_HEADER.COUNT, true) : 0
