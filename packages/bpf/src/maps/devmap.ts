import { MAP_HEADER } from '../run/map-header.ts'
import { array, lookupIndex } from './array.ts'
import { hash } from './hash.ts'
import { copyBytes, type MapMemory } from './memory.ts'
import { checkShape, type Shape, USER_ACCESS_FLAGS } from './shape.ts'
import { E2BIG, EEXIST, EINVAL, ENOENT, EOPNOTSUPP, EXIST, type MapSpec, type MapType, NOEXIST } from './type.ts'

/**
 * Where packets can be redirected to: devices by index or by a key of their own, CPUs, sockets. A value's first word is the
 * device, queue length or socket, 0 where there is none; the second the program that runs there, of sockets the queue.
 */
const shape = (value: readonly [number, number], flags: number): Shape => ({ key: [4, 4], value, flags })
const DEVICES = shape([4, 8], USER_ACCESS_FLAGS)
const CPUS = shape([4, 8], 0)
const SOCKETS = shape([4, 4], USER_ACCESS_FLAGS)
/** CPUs that a kernel can have. */
const MOST_CPUS = 8192

const check = (spec: MapSpec, wanted: Shape): number =>
  checkShape(spec, wanted) || (spec.valueSize % 4 === 0 ? 0 : EINVAL)

function admit(memory: MapMemory, map: number, key: number, flags: number): number {
  if (flags > EXIST) return EINVAL
  if (lookupIndex(memory, map, key) === 0) return E2BIG
  return (flags & NOEXIST) !== 0 ? EEXIST : 0
}

function put(memory: MapMemory, map: number, key: number, value: number): number {
  copyBytes(memory, lookupIndex(memory, map, key), value, memory.view.getUint32(map + MAP_HEADER.VALUE_SIZE, true))
  return 0
}

function remove(memory: MapMemory, map: number, key: number): number {
  const at = lookupIndex(memory, map, key)
  if (at === 0) return EINVAL
  memory.u8.fill(0, at, at + memory.view.getUint32(map + MAP_HEADER.VALUE_SIZE, true))
  return 0
}

/** The value, if something is there. */
function occupied(memory: MapMemory, at: number): number {
  return at === 0 || memory.view.getUint32(at, true) === 0 ? 0 : at
}

export const devmap: MapType = {
  ...array,
  name: 'devmap',
  holds: 'device',
  check: (spec) => check(spec, DEVICES),
  use: (memory, map, key) => occupied(memory, lookupIndex(memory, map, key)),
  admit,
  update: put,
  remove,
}

export const devmapHash: MapType = {
  ...hash,
  name: 'devmap_hash',
  holds: 'device',
  check: (spec) => check(spec, DEVICES),
  update: (memory, map, key, value, flags) =>
    memory.view.getUint32(value, true) === 0 ? EINVAL : hash.update(memory, map, key, value, flags & NOEXIST),
  admit: (memory, map, key, flags) => {
    if (flags > EXIST) return EINVAL
    return (flags & NOEXIST) !== 0 && hash.lookup(memory, map, key) !== 0 ? EEXIST : 0
  },
}

export const cpumap: MapType = {
  ...devmap,
  name: 'cpumap',
  holds: 'cpu',
  check: (spec) => check(spec, CPUS) || (spec.maxEntries > MOST_CPUS ? E2BIG : 0),
}

const QUEUE = 4

export const xskmap: MapType = {
  ...devmap,
  name: 'xskmap',
  holds: 'socket',
  check: (spec) => check(spec, SOCKETS),
  lookup: () => EOPNOTSUPP,
  // Programs see a `struct bpf_xdp_sock`: the queue.
  use: (memory, map, key) => {
    const at = occupied(memory, lookupIndex(memory, map, key))
    return at === 0 ? 0 : at + QUEUE
  },
  admit: (memory, map, key, flags) => {
    if (flags > EXIST) return EINVAL
    return lookupIndex(memory, map, key) === 0 ? E2BIG : 0
  },
  update: (memory, map, key, value, flags) => {
    const there = occupied(memory, lookupIndex(memory, map, key)) !== 0
    if (flags === NOEXIST && there) return EEXIST
    if (flags === EXIST && !there) return ENOENT
    return put(memory, map, key, value)
  },
}

/** Tells programs the queue that the socket at an index is bound to. */
export function setSocketQueue({ view }: MapMemory, map: number, index: number, queue: number): void {
  const values = view.getUint32(map + MAP_HEADER.VALUES, true)
  view.setUint32(values + index * view.getUint32(map + MAP_HEADER.STRIDE, true) + QUEUE, queue, true)
}
