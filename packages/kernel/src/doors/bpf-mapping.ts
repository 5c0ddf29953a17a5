import { MAP_FLAG, MAP_HEADER, MAP_TYPE } from '@netkit/bpf'
import { type BpfMapping, type BpfMappingOptions, refused } from '@netkit/netlink'
import type { BpfMap } from '../bpf/objects/map.ts'
import type { BpfObjects } from '../bpf/objects/objects.ts'

const PAGE = 4096

/** The values of an array that a client shares with the kernel; it holds the map. Source: spec 02 §6.1. */
export function mapArray(objects: BpfObjects, map: BpfMap, options: BpfMappingOptions): BpfMapping {
  const { offset = 0, length, writable = false } = options
  const { handle, spec } = map.made
  const op = `map ${map.made.name || `map ${map.id}`}`
  if (spec.type !== MAP_TYPE.array) throw refused(op, 'ENOTSUPP', 'only arrays can be mapped')
  if ((spec.flags & MAP_FLAG.mmapable) === 0) throw refused(op, 'EINVAL', 'it was made without BPF_F_MMAPABLE')
  if (writable && map.frozen) throw refused(op, 'EPERM', 'the map is frozen')
  if (writable && (spec.flags & MAP_FLAG.rdonlyProg) !== 0)
    throw refused(op, 'EACCES', 'programs may only read the map: a writable mapping is not allowed')
  const { view } = objects.memory
  const start = view.getUint32(handle + MAP_HEADER.VALUES, true) + offset
  const bytes = view.getUint32(handle + MAP_HEADER.STRIDE, true) * spec.maxEntries
  if (offset % PAGE !== 0 || length <= 0 || offset + length > bytes)
    throw refused(op, 'EINVAL', `it has ${bytes} bytes`)
  map.hold()
  let open = true
  const close = async (): Promise<void> => {
    if (open) map.release()
    open = false
  }
  return {
    bytes: () => (open ? objects.memory.u8.subarray(start, start + length) : new Uint8Array(0)),
    close,
    [Symbol.asyncDispose]: close,
  }
}
