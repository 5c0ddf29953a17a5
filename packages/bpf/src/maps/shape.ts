import { MAP_FLAG } from '../syscall/numbers.ts'
import { EINVAL, type MapSpec } from './type.ts'

const { numaNode, rdonly, wronly, rdonlyProg, wronlyProg } = MAP_FLAG

/** Flags that say what users and programs may do. */
export const ACCESS_FLAGS = rdonly | wronly | rdonlyProg | wronlyProg
export const USER_ACCESS_FLAGS = rdonly | wronly
const NOBODY = rdonlyProg | wronlyProg

/** Key and value of an element stay below the largest piece of memory that Linux allocates. */
export const MOST_ELEMENT_BYTES = 4 << 20
/** Values of per-CPU maps, for each CPU. */
export const MOST_CPU_VALUE_BYTES = 32768
/** What one map may take at most. */
export const MOST_BYTES = 0x7fff_ffff

/** Sizes and flags that a type takes. Source: spec 02 §6.1, §6.3 to §6.8. */
export interface Shape {
  /** Smallest and largest. */
  readonly key: readonly [number, number]
  readonly value: readonly [number, number]
  /** Beside NUMA_NODE. */
  readonly flags: number
  /** Flags that have to be there. */
  readonly required?: number
}

const within = (n: number, [least, most]: readonly [number, number]): boolean => n >= least && n <= most

/** 0, or EINVAL for what no map of this shape can be. */
export function checkShape({ keySize, valueSize, maxEntries, flags }: MapSpec, shape: Shape): number {
  const { required = 0 } = shape
  if ((flags & ~(shape.flags | numaNode)) !== 0 || (flags & required) !== required) return EINVAL
  if ((flags & NOBODY) === NOBODY || maxEntries < 1) return EINVAL
  return within(keySize, shape.key) && within(valueSize, shape.value) ? 0 : EINVAL
}
