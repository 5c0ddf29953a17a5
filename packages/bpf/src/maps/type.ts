import type { MapMemory } from './memory.ts'

/** What a map is made with: the fields of MAP_CREATE. */
export interface MapSpec {
  /** `BPF_MAP_TYPE_*`. */
  readonly type: number
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  /** Unique in the machine, from 1 on. */
  readonly id: number
  /** Mixed into hashes, so that nobody can choose keys that collide. */
  readonly seed: number
}

/**
 * A type of maps. A map is named by its handle, the address of its header; keys and values are addresses too, so that programs and
 * users go the same way. What can fail returns 0 or a negative error number.
 */
export interface MapType {
  readonly name: string
  /** Checks sizes and limits: what MAP_CREATE refuses. */
  readonly check: (spec: MapSpec) => number
  /** Bytes of everything but the header. */
  readonly bytes: (spec: MapSpec) => number
  /** Fills in what the header has for the type. `at` is where its bytes start, which are zero. */
  readonly create: (memory: MapMemory, map: number, spec: MapSpec, at: number) => void
  /** Address of a value, 0 if there is none. */
  readonly lookup: (memory: MapMemory, map: number, key: number) => number
  readonly update: (memory: MapMemory, map: number, key: number, value: number, flags: number) => number
  readonly remove: (memory: MapMemory, map: number, key: number) => number
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
