import type { MapMemory } from './memory.ts'

/** What a map is made with: the fields of MAP_CREATE. */
export interface MapSpec {
  /** `BPF_MAP_TYPE_*`. */
  readonly type: number
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  /** `map_extra`: of bloom filters, the number of hashes. Default 0. */
  readonly extra?: number
  /** Unique in the machine, from 1 on. */
  readonly id: number
  /** Mixed into hashes, so that nobody can choose keys that collide. */
  readonly seed: number
}

/** What a value names that is more than bytes: users give descriptors or indices, and whoever makes maps puts in what stands for them. */
export type Held = 'program' | 'map' | 'device' | 'cpu' | 'socket' | 'event' | 'cgroup'

/**
 * A type of maps. A map is named by its handle, the address of its header; keys and values are addresses too, so that programs and
 * users go the same way. What can fail returns 0 or a negative error number.
 */
export interface MapType {
  readonly name: string
  /** What values stand for. Absent: nothing, they are bytes. */
  readonly holds?: Held
  /** Values for each CPU. */
  readonly perCpu?: true
  /** Checks sizes, limits and flags: what MAP_CREATE refuses. */
  readonly check: (spec: MapSpec) => number
  /** Bytes of everything but the header. */
  readonly bytes: (spec: MapSpec) => number
  /** Fills in what the header has for the type. `at` is where its bytes start, which are zero. */
  readonly create: (memory: MapMemory, map: number, spec: MapSpec, at: number) => void
  /** Address of a value, 0 if there is none, or an error of those who have no values to look up. */
  readonly lookup: (memory: MapMemory, map: number, key: number) => number
  /** What programs get instead of what `lookup` gives. */
  readonly use?: (memory: MapMemory, map: number, key: number) => number
  /** Whether an update can be, asked before it is found out what a value stands for. */
  readonly admit?: (memory: MapMemory, map: number, key: number, flags: number) => number
  /** Of types without keys: takes a value in. */
  readonly update: (memory: MapMemory, map: number, key: number, value: number, flags: number) => number
  readonly remove: (memory: MapMemory, map: number, key: number) => number
  /** Puts the key behind the one at `key` to `to`; the first one if that is 0 or not there. ENOENT behind the last. */
  readonly next: (memory: MapMemory, map: number, key: number, to: number) => number
  /** Of hashes: addresses of the keys in a bucket; undefined behind the last. */
  readonly bucket?: (memory: MapMemory, map: number, bucket: number) => number[] | undefined
  /** Of types without keys: copies to `to` the value whose turn it is; of filters, says whether the one at `to` was taken in. */
  readonly peek?: (memory: MapMemory, map: number, to: number) => number
  /** As `peek`, and takes the value out. */
  readonly pop?: (memory: MapMemory, map: number, to: number) => number
}

/** Flags of updates. */
export const ANY = 0
export const NOEXIST = 1
export const EXIST = 2
export const LOCK = 4

/** Errors of map operations, as they are returned. */
export const ENOENT = -2
export const E2BIG = -7
export const EEXIST = -17
export const EINVAL = -22
export const ENOSPC = -28
export const EOPNOTSUPP = -95
export const ENOTSUPP = -524
