import { MAP_HEADER } from '../run/map-header.ts'
import { MAP_FLAG } from '../syscall/numbers.ts'
import { align8, copyBytes, type MapMemory } from './memory.ts'
import { ACCESS_FLAGS, checkShape, MOST_BYTES, MOST_CPU_VALUE_BYTES, type Shape } from './shape.ts'
import { E2BIG, EEXIST, EINVAL, ENOENT, EXIST, LOCK, type MapSpec, type MapType, NOEXIST } from './type.ts'

const KEY: readonly [number, number] = [4, 4]
const ANY_VALUE: readonly [number, number] = [1, 0xffff_ffff]
const ARRAY: Shape = { key: KEY, value: ANY_VALUE, flags: ACCESS_FLAGS | MAP_FLAG.mmapable | MAP_FLAG.innerMap }
const PERCPU: Shape = { key: KEY, value: ANY_VALUE, flags: ACCESS_FLAGS }

/** 0, or what keeps a map from being an array of this shape. */
export function checkArray(spec: MapSpec, shape: Shape): number {
  return checkShape(spec, shape) || (spec.valueSize > MOST_BYTES || valuesOf(spec) > MOST_BYTES ? E2BIG : 0)
}

function checkPerCpu(spec: MapSpec): number {
  const error = checkShape(spec, PERCPU) || ((spec.flags & MAP_FLAG.numaNode) !== 0 ? EINVAL : 0)
  return (
    error ||
    (align8(spec.valueSize) > MOST_CPU_VALUE_BYTES || spec.valueSize > MOST_BYTES ? E2BIG : checkArray(spec, PERCPU))
  )
}

function create({ view }: MapMemory, map: number, { valueSize, maxEntries }: MapSpec, at: number): void {
  createArray(view, map, align8(valueSize), maxEntries, at)
}

/** Fills in where the elements are. */
export function createArray(view: DataView, map: number, stride: number, maxEntries: number, at: number): void {
  view.setUint32(map + MAP_HEADER.VALUES, at, true)
  view.setUint32(map + MAP_HEADER.STRIDE, stride, true)
  view.setUint32(map + MAP_HEADER.CPU_STRIDE, stride * maxEntries, true)
}

export function lookupIndex({ view }: MapMemory, map: number, key: number): number {
  const index = view.getUint32(key, true)
  if (index >= view.getUint32(map + MAP_HEADER.MAX_ENTRIES, true)) return 0
  return view.getUint32(map + MAP_HEADER.VALUES, true) + index * view.getUint32(map + MAP_HEADER.STRIDE, true)
}

function update(memory: MapMemory, map: number, key: number, value: number, flags: number): number {
  if ((flags & ~LOCK) >>> 0 > EXIST) return EINVAL
  const at = lookupIndex(memory, map, key)
  if (at === 0) return E2BIG
  if ((flags & NOEXIST) !== 0) return EEXIST
  copyBytes(memory, at, value, memory.view.getUint32(map + MAP_HEADER.VALUE_SIZE, true))
  return 0
}

const remove = (): number => EINVAL

/** The next index: the first one if there is no key, or none that exists. */
export function nextIndex({ view }: MapMemory, map: number, key: number, to: number): number {
  const size = view.getUint32(map + MAP_HEADER.MAX_ENTRIES, true)
  const index = key === 0 ? size : view.getUint32(key, true)
  if (index === size - 1) return ENOENT
  view.setUint32(to, index >= size ? 0 : index + 1, true)
  return 0
}

const valuesOf = ({ valueSize, maxEntries }: MapSpec): number => Math.ceil(valueSize / 8) * 8 * maxEntries

/** Values one after the other, all there from the start. */
export const array: MapType = {
  name: 'array',
  check: (spec) => checkArray(spec, ARRAY),
  bytes: valuesOf,
  create,
  lookup: lookupIndex,
  update,
  remove,
  next: nextIndex,
}

/** Values for each CPU, of which this machine has one. */
export const percpuArray: MapType = { ...array, name: 'percpu_array', perCpu: true, check: checkPerCpu }
