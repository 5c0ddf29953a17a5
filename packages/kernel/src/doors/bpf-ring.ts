import { MAP_TYPE, ringTake } from '@netkit/bpf'
import { refused } from '@netkit/netlink'
import type { BpfMap } from '../bpf/objects/map.ts'
import type { BpfObjects } from '../bpf/objects/objects.ts'
import type { RecordSource } from './bpf-reader.ts'

/** The records of a ring buffer. Throws KernelError EINVAL for a map of another type. */
export function ringSource(objects: BpfObjects, map: BpfMap): RecordSource {
  if (map.made.spec.type !== MAP_TYPE.ringbuf) throw refused('read a ring buffer', 'EINVAL', 'the map is none')
  return {
    hold: () => map.hold(),
    release: () => map.release(),
    take: () => ringTake(objects.memory, map.made.handle),
  }
}
