import { MAP_HEADER } from '../run/map-header.ts'
import { MAP_FLAG } from '../syscall/numbers.ts'
import { hashOf } from './hash.ts'
import type { MapMemory } from './memory.ts'
import { ACCESS_FLAGS, checkShape, type Shape } from './shape.ts'
import { ANY, E2BIG, EINVAL, ENOENT, EOPNOTSUPP, type MapSpec, type MapType } from './type.ts'

/** Says of a value that it was certainly never put in, or that it may have been: each sets the bits that its hashes choose. */
const SHAPE: Shape = { key: [0, 0], value: [1, 0xffff_ffff], flags: ACCESS_FLAGS | MAP_FLAG.zeroSeed }
/** What the header has: u32 each. `MASK`: number of bits, a power of two, less one. */
const FILTER = { HASHES: 36, MASK: 40, SEED: 44 } as const
const DEFAULT_HASHES = 5
const MOST_HASHES = 15
const LEAST_BITS = 64
const MOST_BITS = 2 ** 31

const hashesOf = ({ extra = 0 }: MapSpec): number => extra || DEFAULT_HASHES

/** As many bits as make a mistake as rare as it can be with that number of hashes: hashes · entries / ln 2. */
function bitsOf(spec: MapSpec): number {
  const wanted = (hashesOf(spec) * spec.maxEntries) / Math.LN2
  return Math.min(MOST_BITS, 2 ** Math.ceil(Math.log2(Math.max(wanted, LEAST_BITS))))
}

const check = (spec: MapSpec): number =>
  checkShape(spec, SHAPE) || ((spec.extra ?? 0) > MOST_HASHES ? EINVAL : spec.valueSize > 4 << 20 ? E2BIG : 0)

function create({ view }: MapMemory, map: number, spec: MapSpec, at: number): void {
  view.setUint32(map + MAP_HEADER.VALUES, at, true)
  view.setUint32(map + FILTER.HASHES, hashesOf(spec), true)
  view.setUint32(map + FILTER.MASK, bitsOf(spec) - 1, true)
  view.setUint32(map + FILTER.SEED, (spec.flags & MAP_FLAG.zeroSeed) !== 0 ? 0 : spec.seed, true)
}

/** Goes through the bits of a value, and sets them or stops at one that is not set. */
function allBits(memory: MapMemory, map: number, value: number, sets: boolean): boolean {
  const { view, u8 } = memory
  const size = view.getUint32(map + MAP_HEADER.VALUE_SIZE, true)
  const bits = view.getUint32(map + MAP_HEADER.VALUES, true)
  const mask = view.getUint32(map + FILTER.MASK, true)
  const seed = view.getInt32(map + FILTER.SEED, true)
  for (let n = view.getUint32(map + FILTER.HASHES, true); n > 0; n--) {
    const bit = (hashOf(memory, value, size, seed + n) & mask) >>> 0
    const at = bits + (bit >>> 3)
    if (sets) u8[at] |= 1 << (bit & 7)
    else if ((u8[at] & (1 << (bit & 7))) === 0) return false
  }
  return true
}

const refuse = (): number => EOPNOTSUPP

export const bloomFilter: MapType = {
  name: 'bloom_filter',
  check,
  bytes: (spec) => bitsOf(spec) / 8,
  create,
  lookup: refuse,
  update(memory, map, _key, value, flags) {
    if (flags !== ANY) return EINVAL
    allBits(memory, map, value, true)
    return 0
  },
  remove: refuse,
  next: refuse,
  peek: (memory, map, value) => (allBits(memory, map, value, false) ? 0 : ENOENT),
  pop: refuse,
}
