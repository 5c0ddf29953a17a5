import { INFO_SIZE, MAP_INFO, writeStruct } from '@netkit/bpf'
import type { BpfMap } from '../objects/map.ts'

/** Source: uapi struct bpf_map_info. */
export const mapInfo = ({ id, made }: BpfMap): Uint8Array =>
  writeStruct(MAP_INFO, new Uint8Array(INFO_SIZE.map), {
    type: made.spec.type,
    id,
    keySize: made.spec.keySize,
    valueSize: made.spec.valueSize,
    maxEntries: made.spec.maxEntries,
    mapFlags: made.spec.flags,
    name: made.name,
    btfId: made.btf?.id ?? 0,
    btfKeyTypeId: made.btfKeyTypeId,
    btfValueTypeId: made.btfValueTypeId,
    mapExtra: BigInt(made.spec.extra ?? 0),
  })
