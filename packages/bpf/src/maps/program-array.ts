import { checkArray, createArray, lookupIndex, nextIndex } from './array.ts'
import type { MapMemory } from './memory.ts'
import { type Shape, USER_ACCESS_FLAGS } from './shape.ts'
import { E2BIG, EINVAL, ENOENT, ENOTSUPP, type MapSpec, type MapType } from './type.ts'

/** Numbers of programs, as tail calls find them: u32 without gaps, 0 where there is none. */
const STRIDE = 4
const SHAPE: Shape = { key: [4, 4], value: [4, 4], flags: USER_ACCESS_FLAGS }

const admit = (memory: MapMemory, map: number, key: number, flags: number): number => {
  if (flags !== 0) return EINVAL
  return lookupIndex(memory, map, key) === 0 ? E2BIG : 0
}

function update(memory: MapMemory, map: number, key: number, value: number): number {
  const { view } = memory
  view.setUint32(lookupIndex(memory, map, key), view.getUint32(value, true), true)
  return 0
}

function remove(memory: MapMemory, map: number, key: number): number {
  const { view } = memory
  const at = lookupIndex(memory, map, key)
  if (at === 0) return E2BIG
  if (view.getUint32(at, true) === 0) return ENOENT
  view.setUint32(at, 0, true)
  return 0
}

export const programArray: MapType = {
  name: 'prog_array',
  holds: 'program',
  check: (spec) => checkArray(spec, SHAPE),
  bytes: ({ maxEntries }: MapSpec) => STRIDE * maxEntries,
  create: ({ view }, map, { maxEntries }, at) => createArray(view, map, STRIDE, maxEntries, at),
  lookup: lookupIndex,
  admit,
  update,
  remove,
  next: nextIndex,
}

/** Addresses of the buffers of perf events, by CPU; 0 where there is none. */
export const perfEventArray: MapType = {
  ...programArray,
  name: 'perf_event_array',
  holds: 'event',
  lookup: () => ENOTSUPP,
}

/** Cgroups. There are none that a descriptor could be of, so that it stays empty. */
export const cgroupArray: MapType = {
  ...programArray,
  name: 'cgroup_array',
  holds: 'cgroup',
  lookup: () => ENOTSUPP,
}
