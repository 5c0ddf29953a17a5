import { type BPF_COMMANDS, ELEM_FLAG, MAP_TYPE } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { BpfCall } from '../call/call.ts'
import { mapAt, mayAccess } from '../call/files.ts'
import { deleteFrom, keysOfBucket, nextKeyOf, readFrom, userValueSize, writeTo } from '../elements/elements.ts'
import { checkElementFlags } from '../elements/flags.ts'
import type { BpfMap } from '../objects/map.ts'

type BatchCall = BpfCall<(typeof BPF_COMMANDS.mapLookupBatch)['attr']['members']>

const T = MAP_TYPE
const HASHES = [T.hash, T.percpuHash, T.lruHash, T.lruPercpuHash]
/** Types that each command takes. Source: spec 02 §6.2. */
const LOOKED_UP: ReadonlySet<number> = new Set([
  T.array,
  T.percpuArray,
  T.arrayOfMaps,
  T.hashOfMaps,
  T.lpmTrie,
  ...HASHES,
])
const TAKEN_OUT: ReadonlySet<number> = new Set(HASHES)
const UPDATED: ReadonlySet<number> = LOOKED_UP
const DELETED: ReadonlySet<number> = new Set([T.arrayOfMaps, T.hashOfMaps, T.lpmTrie, ...HASHES])

const { lock, cpu, allCpus } = ELEM_FLAG
const CURSOR_BYTES = 4

/** The map of a batch, if the command is for it. */
function mapFor(
  call: BatchCall,
  types: ReadonlySet<number>,
  flags: number,
  ...uses: ('read' | 'write')[]
): BpfMap | number {
  const { attr, process } = call
  const map = mapAt(process, attr.mapFd)
  if (typeof map === 'number') return map
  if (!uses.every((use) => mayAccess(process, attr.mapFd, map, use))) return -errno.EPERM
  if (!types.has(map.made.spec.type)) return -errno.ENOTSUPP
  const error = attr.flags !== 0n ? -errno.EINVAL : checkElementFlags(map, attr.elemFlags, BigInt(flags))
  return error === 0 ? map : error
}

/** Where the `n`th key and value of a batch are in the client's memory. */
function placesOf({ attr, memory }: BatchCall, map: BpfMap, n: number) {
  const { keySize } = map.made.spec
  const valueSize = userValueSize(map, attr.elemFlags)
  return {
    key: memory.at(attr.keys + BigInt(n * keySize), keySize),
    value: memory.at(attr.values + BigInt(n * valueSize), valueSize),
  }
}

/** Copies one element out: 1, 0 if it has gone meanwhile, or an error. */
function give(call: BatchCall, map: BpfMap, n: number, key: Uint8Array, how: 'peek' | 'pop'): number {
  const value = readFrom(call, map, key, undefined, how)
  if (value === -errno.ENOENT) return 0
  if (typeof value === 'number') return value
  const to = placesOf(call, map, n)
  if (!to.key || !to.value) return -errno.EFAULT
  to.key.set(key)
  to.value.set(value)
  return 1
}

const lookUp =
  (types: ReadonlySet<number>, how: 'peek' | 'pop', ...uses: ('read' | 'write')[]) =>
  (call: BatchCall): number => {
    const map = mapFor(call, types, lock | cpu, ...uses)
    if (typeof map === 'number') return map
    if (call.attr.count === 0) return 0
    call.write({ count: 0 })
    return map.made.type.bucket ? byBuckets(call, map, how) : byKeys(call, map, how)
  }

/** Several values with their keys; the cursor goes on where the last batch ended. ENOENT: that was the end. */
export const lookupBatch = lookUp(LOOKED_UP, 'peek', 'read')
/** The same, and they are no longer in the map. */
export const lookupAndDeleteBatch = lookUp(TAKEN_OUT, 'pop', 'read', 'write')

/** The cursor is the last key. */
function byKeys(call: BatchCall, map: BpfMap, how: 'peek' | 'pop'): number {
  const { attr, memory } = call
  const { keySize } = map.made.spec
  const start = attr.inBatch === 0n ? undefined : memory.at(attr.inBatch, keySize)
  if (attr.inBatch !== 0n && !start) return -errno.EFAULT
  let last: Uint8Array | undefined = start?.slice()
  let count = 0
  let error = 0
  while (count < attr.count) {
    const key = nextKeyOf(call, map, last)
    if (typeof key === 'number') {
      error = key
      break
    }
    const given = give(call, map, count, key, how)
    if (given < 0) return given
    count += given
    last = key
  }
  return finish(call, count, count > 0 ? last : undefined, error)
}

/** The cursor is the number of a bucket, of which all elements come together. */
function byBuckets(call: BatchCall, map: BpfMap, how: 'peek' | 'pop'): number {
  const { attr, memory } = call
  const cursor = attr.inBatch === 0n ? new Uint8Array(CURSOR_BYTES) : memory.at(attr.inBatch, CURSOR_BYTES)
  if (!cursor) return -errno.EFAULT
  let bucket = new DataView(cursor.buffer, cursor.byteOffset).getUint32(0, true)
  if (attr.inBatch !== 0n && !keysOfBucket(call, map, bucket)) return -errno.ENOENT
  let count = 0
  let error = -errno.ENOENT
  for (let keys = keysOfBucket(call, map, bucket); keys; keys = keysOfBucket(call, map, ++bucket)) {
    if (keys.length > attr.count - count) {
      error = count === 0 ? -errno.ENOSPC : 0
      break
    }
    for (const key of keys) {
      const given = give(call, map, count, key, how)
      if (given < 0) return given
      count += given
    }
  }
  const next = new Uint8Array(CURSOR_BYTES)
  new DataView(next.buffer).setUint32(0, bucket, true)
  return finish(call, count, next, error)
}

function finish(call: BatchCall, count: number, cursor: Uint8Array | undefined, error: number): number {
  call.write({ count })
  if (!cursor) return error
  const room = call.memory.at(call.attr.outBatch, cursor.length)
  room?.set(cursor)
  return room ? error : -errno.EFAULT
}

/** Carries something out for each key of a batch, until it fails. */
function each(
  call: BatchCall,
  map: BpfMap,
  carryOut: (key: Uint8Array, value: Uint8Array | undefined) => number,
): number {
  const { count } = call.attr
  if (count === 0) return 0
  let done = 0
  let error = 0
  for (; done < count && error === 0; done++) {
    const { key, value } = placesOf(call, map, done)
    error = key ? carryOut(key.slice(), value) : -errno.EFAULT
    if (error !== 0) break
  }
  call.write({ count: done })
  return error
}

/** Updates elements up to the first that is refused; `count` says how many were done. */
export function updateBatch(call: BatchCall): number {
  const map = mapFor(call, UPDATED, lock | cpu | allCpus, 'write')
  if (typeof map === 'number') return map
  return each(call, map, (key, value) => (value ? writeTo(call, map, key, value, call.attr.elemFlags) : -errno.EFAULT))
}

export function deleteBatch(call: BatchCall): number {
  const map = mapFor(call, DELETED, lock, 'write')
  if (typeof map === 'number') return map
  return each(call, map, (key) => deleteFrom(call, map, key))
}
