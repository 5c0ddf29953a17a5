import { ELEM_FLAG } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { BpfCall } from '../call/call.ts'
import { type BpfMap, keyName } from '../objects/map.ts'
import { HOLDINGS } from './held.ts'

const align8 = (bytes: number): number => (bytes + 7) & -8

/** Bytes of a value as requests have it: for every CPU, or for one. Source: spec 02 §6.2. */
export function userValueSize({ made: { type, spec } }: BpfMap, flags: bigint): number {
  const forOne = (flags & BigInt(ELEM_FLAG.cpu | ELEM_FLAG.allCpus)) !== 0n
  return type.perCpu && !forOne ? align8(spec.valueSize) : spec.valueSize
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** Where the key of a request, the key that comes next, and the value are put. */
interface Places {
  /** 0: there is none. */
  readonly key: number
  readonly next: number
  readonly value: number
}

function place({ objects: { memory } }: BpfCall, { made: { spec } }: BpfMap, key?: Uint8Array): Places | undefined {
  const room = align8(spec.keySize)
  const at = memory.scratch(2 * room + align8(spec.valueSize))
  if (at === 0) return undefined
  if (key) memory.u8.set(key, at)
  return { key: key ? at : 0, next: at + room, value: at + 2 * room }
}

/** The value of a key, or the one whose turn it is. `asked`: for filters, what may be in it. */
export function readFrom(
  call: BpfCall,
  map: BpfMap,
  key: Uint8Array | undefined,
  asked: Uint8Array | undefined,
  how: 'peek' | 'pop',
): Uint8Array | number {
  const { memory } = call.objects
  const { type, handle, spec } = map.made
  const at = place(call, map, key)
  if (!at) return -errno.ENOMEM
  const take = type[how] ?? (spec.keySize === 0 ? () => -errno.EOPNOTSUPP : undefined)
  if (spec.keySize === 0 && take && type.peek) {
    if (asked) memory.u8.set(asked, at.value)
    const error = take(memory, handle, at.value)
    return error < 0 ? error : memory.u8.slice(at.value, at.value + spec.valueSize)
  }
  const found = type.lookup(memory, handle, at.key)
  if (found <= 0) return found === 0 ? -errno.ENOENT : found
  const { special } = call.objects.runtime
  const bytes = tellValue(map, special.hide(handle, memory.u8.slice(found, found + spec.valueSize)), key)
  if (how === 'pop' && typeof bytes !== 'number') {
    const after = special.change(handle, at.key, 0)
    type.remove(memory, handle, at.key)
    after?.()
  }
  return bytes
}

/** A stored value as users see it. */
function tellValue(map: BpfMap, bytes: Uint8Array, key: Uint8Array | undefined): Uint8Array | number {
  const { type, spec } = map.made
  if (type.holds) {
    const view = new DataView(bytes.buffer)
    const held = key && map.heldAt(keyName(key))
    const words = HOLDINGS[type.holds].tell(view, held)
    if (typeof words === 'number') return words
    if (words[0] === 0) return -errno.ENOENT
    for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true)
  }
  if (!type.perCpu) return bytes
  const whole = new Uint8Array(align8(spec.valueSize))
  whole.set(bytes)
  return whole
}

/** The flags of an update as types take them, or EINVAL. Of per-CPU maps only a flag on its own asks for something. */
function updateFlags({ made: { type } }: BpfMap, flags: bigint): number {
  const low = Number(flags & 0xffff_ffffn)
  if (!type.perCpu) return low
  if (low > ELEM_FLAG.allCpus) return -errno.EINVAL
  return low === ELEM_FLAG.noExist || low === ELEM_FLAG.exist ? low : ELEM_FLAG.any
}

/** Puts a value in. */
export function writeTo(
  call: BpfCall,
  map: BpfMap,
  key: Uint8Array | undefined,
  value: Uint8Array,
  flags: bigint,
): number {
  const { memory } = call.objects
  const { type, handle, spec } = map.made
  const at = place(call, map, key)
  if (!at) return -errno.ENOMEM
  const wanted = updateFlags(map, flags)
  if (wanted < 0) return wanted
  const refused = type.admit?.(memory, handle, at.key, wanted) ?? 0
  if (refused < 0) return refused
  if (!type.holds || !key) {
    memory.u8.set(value.subarray(0, spec.valueSize), at.value)
    const after = key ? call.objects.runtime.special.change(handle, at.key, at.value) : undefined
    const error = type.update(memory, handle, at.key, at.value, wanted)
    if (error === 0) after?.()
    return error
  }
  const stored = HOLDINGS[type.holds].store(call, map, viewOf(value), viewOf(key))
  if (typeof stored === 'number') return stored
  // The socket that is there already is taken whatever the flags say. Source: Linux 6.18.
  const socket = stored.target?.socket
  if (socket && map.targets?.get(viewOf(key).getUint32(0, true))?.socket === socket) return 0
  for (const [i, word] of stored.words.entries()) memory.view.setUint32(at.value + 4 * i, word, true)
  const error = type.update(memory, handle, at.key, at.value, wanted)
  if (error === 0) {
    map.keep(keyName(key), stored.object)
    map.targets?.set(viewOf(key).getUint32(0, true), stored.target)
  }
  return error
}

export function deleteFrom(call: BpfCall, map: BpfMap, key: Uint8Array | undefined): number {
  const { type, handle } = map.made
  const at = place(call, map, key)
  if (!at) return -errno.ENOMEM
  const after = key ? call.objects.runtime.special.change(handle, at.key, 0) : undefined
  const error = type.remove(call.objects.memory, handle, at.key)
  if (error === 0) after?.()
  if (error === 0 && key && type.holds) {
    map.keep(keyName(key), undefined)
    map.targets?.set(viewOf(key).getUint32(0, true), undefined)
  }
  return error
}

/** The key behind another one, or the first. */
export function nextKeyOf(call: BpfCall, map: BpfMap, key: Uint8Array | undefined): Uint8Array | number {
  const { memory } = call.objects
  const { type, handle, spec } = map.made
  const at = place(call, map, key)
  if (!at) return -errno.ENOMEM
  const error = type.next(memory, handle, at.key, at.next)
  return error < 0 ? error : memory.u8.slice(at.next, at.next + spec.keySize)
}

/** The keys in a bucket of a hash; undefined behind the last. */
export function keysOfBucket(call: BpfCall, map: BpfMap, bucket: number): Uint8Array[] | undefined {
  const { memory } = call.objects
  const { type, handle, spec } = map.made
  return type.bucket?.(memory, handle, bucket)?.map((at) => memory.u8.slice(at, at + spec.keySize))
}
