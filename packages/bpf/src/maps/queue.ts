import { MAP_HEADER } from '../run/map-header.ts'
import { align8, copyBytes, type MapMemory } from './memory.ts'
import { ACCESS_FLAGS, checkShape, MOST_ELEMENT_BYTES, type Shape } from './shape.ts'
import { ANY, E2BIG, EINVAL, ENOENT, EXIST, type MapSpec, type MapType } from './type.ts'

/** Values in a ring: a queue gives the oldest, a stack the newest. */
const SHAPE: Shape = { key: [0, 0], value: [1, 0xffff_ffff], flags: ACCESS_FLAGS }
/** What the header has: u32 each. `FIRST`: where the oldest value is; `COUNT`: values in it. */
const QUEUE = { FIRST: 36, COUNT: 40 } as const

const check = (spec: MapSpec): number =>
  checkShape(spec, SHAPE) || (spec.valueSize > MOST_ELEMENT_BYTES || bytes(spec) > 0x7fff_ffff ? E2BIG : 0)

const bytes = ({ valueSize, maxEntries }: MapSpec): number => align8(valueSize) * maxEntries

function create({ view }: MapMemory, map: number, { valueSize }: MapSpec, at: number): void {
  view.setUint32(map + MAP_HEADER.VALUES, at, true)
  view.setUint32(map + MAP_HEADER.STRIDE, align8(valueSize), true)
}

/** Address of the value that was put in `n`th, from the oldest on. */
function valueAt({ view }: MapMemory, map: number, n: number): number {
  const index = (view.getUint32(map + QUEUE.FIRST, true) + n) % view.getUint32(map + MAP_HEADER.MAX_ENTRIES, true)
  return view.getUint32(map + MAP_HEADER.VALUES, true) + index * view.getUint32(map + MAP_HEADER.STRIDE, true)
}

/** Drops the oldest value. */
function dropFirst({ view }: MapMemory, map: number): void {
  const next = (view.getUint32(map + QUEUE.FIRST, true) + 1) % view.getUint32(map + MAP_HEADER.MAX_ENTRIES, true)
  view.setUint32(map + QUEUE.FIRST, next, true)
  view.setUint32(map + QUEUE.COUNT, view.getUint32(map + QUEUE.COUNT, true) - 1, true)
}

/** Puts a value in. EXIST: the oldest one makes room for it, in queues and stacks alike. */
function push(memory: MapMemory, map: number, _key: number, value: number, flags: number): number {
  const { view } = memory
  if (flags !== ANY && flags !== EXIST) return EINVAL
  if (view.getUint32(map + QUEUE.COUNT, true) === view.getUint32(map + MAP_HEADER.MAX_ENTRIES, true)) {
    if (flags !== EXIST) return E2BIG
    dropFirst(memory, map)
  }
  const count = view.getUint32(map + QUEUE.COUNT, true)
  copyBytes(memory, valueAt(memory, map, count), value, view.getUint32(map + MAP_HEADER.VALUE_SIZE, true))
  view.setUint32(map + QUEUE.COUNT, count + 1, true)
  return 0
}

/** Copies the value whose turn it is; zeros if there is none. */
function take(memory: MapMemory, map: number, to: number, newest: boolean, removes: boolean): number {
  const { view, u8 } = memory
  const size = view.getUint32(map + MAP_HEADER.VALUE_SIZE, true)
  const count = view.getUint32(map + QUEUE.COUNT, true)
  if (count === 0) {
    u8.fill(0, to, to + size)
    return ENOENT
  }
  copyBytes(memory, to, valueAt(memory, map, newest ? count - 1 : 0), size)
  if (!removes) return 0
  if (newest) view.setUint32(map + QUEUE.COUNT, count - 1, true)
  else dropFirst(memory, map)
  return 0
}

const refuse = (): number => EINVAL

export const queue: MapType = {
  name: 'queue',
  check,
  bytes,
  create,
  lookup: refuse,
  update: push,
  remove: refuse,
  next: refuse,
  peek: (memory, map, to) => take(memory, map, to, false, false),
  pop: (memory, map, to) => take(memory, map, to, false, true),
}

export const stack: MapType = {
  ...queue,
  name: 'stack',
  peek: (memory, map, to) => take(memory, map, to, true, false),
  pop: (memory, map, to) => take(memory, map, to, true, true),
}
