import { type BPF_COMMANDS, ELEM_FLAG, MAP_TYPE } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { BpfCall } from '../call/call.ts'
import { mapAt, mayAccess } from '../call/files.ts'
import { deleteFrom, nextKeyOf, readFrom, userValueSize, writeTo } from '../elements/elements.ts'
import { checkElementFlags } from '../elements/flags.ts'
import type { BpfMap } from '../objects/map.ts'

type ElementCall = BpfCall<(typeof BPF_COMMANDS.mapLookupElem)['attr']['members']>
type DeleteCall = BpfCall<(typeof BPF_COMMANDS.mapDeleteElem)['attr']['members']>
type NextCall = BpfCall<(typeof BPF_COMMANDS.mapGetNextKey)['attr']['members']>
type FreezeCall = BpfCall<(typeof BPF_COMMANDS.mapFreeze)['attr']['members']>

const { lock, cpu } = ELEM_FLAG
const EVERY = 0xffff_ffffn
const QUEUES: ReadonlySet<number> = new Set([MAP_TYPE.queue, MAP_TYPE.stack])
const HASHES: ReadonlySet<number> = new Set([
  MAP_TYPE.hash,
  MAP_TYPE.percpuHash,
  MAP_TYPE.lruHash,
  MAP_TYPE.lruPercpuHash,
  MAP_TYPE.rhash,
])

/** The map behind the descriptor, if it may be used so. */
function mapFor(
  { attr, process }: ElementCall | DeleteCall | NextCall,
  ...uses: ('read' | 'write')[]
): BpfMap | number {
  const map = mapAt(process, attr.mapFd)
  if (typeof map === 'number') return map
  return uses.every((use) => mayAccess(process, attr.mapFd, map, use)) ? map : -errno.EPERM
}

/** The key that a call names; undefined for maps without keys. */
function keyOf({ memory }: BpfCall, { made: { spec } }: BpfMap, address: bigint): Uint8Array | undefined | number {
  if (spec.keySize === 0) return address === 0n ? undefined : -errno.EINVAL
  return memory.at(address, spec.keySize) ?? -errno.EFAULT
}

export function lookupElementOf(call: ElementCall): number {
  const { attr, memory } = call
  const map = mapFor(call, 'read')
  if (typeof map === 'number') return map
  const error = checkElementFlags(map, attr.flags, BigInt(lock | cpu))
  if (error !== 0) return error
  const key = keyOf(call, map, attr.key)
  if (typeof key === 'number') return key
  const room = memory.at(attr.value, userValueSize(map, attr.flags))
  if (!room && map.made.spec.type === MAP_TYPE.bloomFilter) return -errno.EFAULT
  const value = readFrom(call, map, key, room, 'peek')
  if (typeof value === 'number') return value
  room?.set(value)
  return room ? 0 : -errno.EFAULT
}

export function updateElementOf(call: ElementCall): number {
  const { attr, memory } = call
  const map = mapFor(call, 'write')
  if (typeof map === 'number') return map
  const error = checkElementFlags(map, attr.flags, EVERY)
  if (error !== 0) return error
  const key = keyOf(call, map, attr.key)
  if (typeof key === 'number') return key
  const value = memory.at(attr.value, userValueSize(map, attr.flags))
  return value ? writeTo(call, map, key, value, attr.flags) : -errno.EFAULT
}

export function deleteElementOf(call: DeleteCall): number {
  const map = mapFor(call, 'write')
  if (typeof map === 'number') return map
  const key = keyOf(call, map, call.attr.key)
  return typeof key === 'number' ? key : deleteFrom(call, map, key)
}

/** Only of hashes, and of queues and stacks, which have no other way out. */
export function lookupAndDelete(call: ElementCall): number {
  const { attr, memory } = call
  if ((attr.flags & ~BigInt(lock)) !== 0n) return -errno.EINVAL
  const map = mapFor(call, 'read', 'write')
  if (typeof map === 'number') return map
  const isQueue = QUEUES.has(map.made.spec.type)
  if (attr.flags !== 0n) return -errno.EINVAL
  const key = keyOf(call, map, attr.key)
  if (typeof key === 'number') return key
  if (!isQueue && !HASHES.has(map.made.spec.type)) return -errno.ENOTSUPP
  const value = readFrom(call, map, key, undefined, 'pop')
  if (typeof value === 'number') return value
  const room = memory.at(attr.value, value.length)
  room?.set(value)
  return room ? 0 : -errno.EFAULT
}

export function nextKey(call: NextCall): number {
  const { attr, memory } = call
  const map = mapFor(call, 'read')
  if (typeof map === 'number') return map
  const key = attr.key === 0n ? undefined : keyOf(call, map, attr.key)
  if (typeof key === 'number') return key
  const next = nextKeyOf(call, map, key)
  if (typeof next === 'number') return next
  const room = memory.at(attr.nextKey, next.length)
  room?.set(next)
  return room ? 0 : -errno.EFAULT
}

/** Nobody changes the map any more by requests. */
export function freezeMap({ attr, process }: FreezeCall): number {
  const map = mapAt(process, attr.mapFd)
  if (typeof map === 'number') return map
  if (!mayAccess(process, attr.mapFd, map, 'write')) return -errno.EPERM
  // Values that helpers change cannot be constants.
  if (map.made.special) return -errno.ENOTSUPP
  map.frozen = true
  return 0
}
