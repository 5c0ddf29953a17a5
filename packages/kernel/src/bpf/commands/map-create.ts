import {
  type BPF_COMMANDS,
  MAP_FLAG,
  MAP_TYPE,
  MAP_TYPES,
  type MapSpec,
  type MapType,
  type SpecialField,
  specialFields,
} from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { BpfCall } from '../call/call.ts'
import { administersSystem, mayAdministerNet, mayUseBpf } from '../call/capable.ts'
import { accessOf, btfAt, mapAt } from '../call/files.ts'
import { isObjectName } from '../call/name.ts'
import type { BpfBtf } from '../objects/btf.ts'
import type { MapTemplate } from '../objects/map.ts'

type CreateCall = BpfCall<(typeof BPF_COMMANDS.mapCreate)['attr']['members']>

const T = MAP_TYPE
const { zeroSeed, numaNode, tokenFd, vtypeBtfObjFd } = MAP_FLAG
/** Types to which `map_extra` means something. */
const WITH_EXTRA: ReadonlySet<number> = new Set([T.bloomFilter, T.arena, T.rhash])
/** Types that stand for devices and sockets. */
const OF_NET: ReadonlySet<number> = new Set([T.devmap, T.devmapHash, T.xskmap, T.sockmap, T.sockhash])
const HASHES: ReadonlySet<number> = new Set([T.hash, T.percpuHash, T.lruHash, T.lruPercpuHash, T.hashOfMaps])
const OF_MAPS: ReadonlySet<number> = new Set([T.arrayOfMaps, T.hashOfMaps])
/** Types that no map of maps can hold. */
const NEVER_INNER: ReadonlySet<number> = new Set([T.progArray])
/** Types whose shape is looked at only after the right to make them. */
const CHECKED_LATE: ReadonlySet<number> = new Set([T.lpmTrie, T.cpumap, T.xskmap, T.ringbuf, T.bloomFilter])
/** Types that could lie in a device, if one had room for them. */
const ON_HARDWARE: ReadonlySet<number> = new Set([T.array, T.hash])
const NODES = 1

/** Makes a map and opens it. Source: spec 02 §6.1, in its order. */
export function createMapObject(call: CreateCall): number {
  const { attr, process, objects } = call
  const type = MAP_TYPES.get(attr.mapType)
  const error = checkAttributes(call) || (type ? 0 : -errno.EINVAL)
  if (!type || error !== 0) return error
  const shapeError = checkType(call, type)
  if (shapeError !== 0 && !CHECKED_LATE.has(attr.mapType)) return shapeError
  if (!mayUseBpf(call)) return -errno.EPERM
  if (OF_NET.has(attr.mapType) && !mayAdministerNet(call)) return -errno.EPERM
  if (shapeError !== 0) return shapeError
  if (attr.mapIfindex !== 0) return call.netns.devices.has(attr.mapIfindex) ? -errno.EOPNOTSUPP : -errno.EINVAL
  const inner = innerOf(call)
  if (typeof inner === 'number') return inner
  if (!isObjectName(attr.mapName)) return -errno.EINVAL
  const btf = btfOf(call)
  if (typeof btf === 'number') return btf
  const special = btf ? specialOf(btf, attr.btfValueTypeId) : undefined
  const unfit = special ? checkSpecial(special, attr.mapType) : 0
  if (unfit !== 0) return unfit
  const map = objects.makeMap({
    spec: specOf(call, objects.maps.nextId()),
    type,
    name: attr.mapName,
    inner,
    btf,
    special,
    btfKeyTypeId: attr.btfKeyTypeId,
    btfValueTypeId: attr.btfValueTypeId,
  })
  if (typeof map === 'number') return map
  const access = accessOf(attr.mapFlags)
  return typeof access === 'number' ? access : process.openObject(objects.maps.add(map), access)
}

/** What has nothing to do with the type, or little. */
function checkAttributes({ attr }: CreateCall): number {
  const hasTypes = attr.btfVmlinuxValueTypeId !== 0 || (attr.btfKeyTypeId !== 0 && attr.btfValueTypeId === 0)
  if (hasTypes || attr.exclProgHash !== 0n || attr.exclProgHashSize !== 0) return -errno.EINVAL
  if (attr.mapExtra !== 0n && !WITH_EXTRA.has(attr.mapType)) return -errno.EINVAL
  if ((attr.mapFlags & numaNode) !== 0 && attr.numaNode >= NODES) return -errno.EINVAL
  if (typeof accessOf(attr.mapFlags) === 'number') return -errno.EINVAL
  // Tokens, values of a module's types and maps on hardware are not there.
  return (attr.mapFlags & (tokenFd | vtypeBtfObjFd)) !== 0 || (attr.mapIfindex !== 0 && !ON_HARDWARE.has(attr.mapType))
    ? -errno.EINVAL
    : 0
}

function checkType(call: CreateCall, type: MapType): number {
  const { attr } = call
  if (HASHES.has(attr.mapType) && (attr.mapFlags & zeroSeed) !== 0 && !administersSystem(call)) return -errno.EPERM
  if (attr.mapExtra >> 32n !== 0n) return -errno.EINVAL
  const isTyped = attr.btfKeyTypeId !== 0 && attr.btfValueTypeId !== 0
  if (attr.mapType === T.skStorage && !isTyped) return -errno.EINVAL
  return type.check(specOf(call, 0))
}

function specOf({ attr, kernel }: CreateCall, id: number): MapSpec {
  return {
    type: attr.mapType,
    keySize: attr.keySize,
    valueSize: attr.valueSize,
    maxEntries: attr.maxEntries,
    flags: attr.mapFlags,
    extra: Number(attr.mapExtra),
    id,
    seed: id === 0 ? 0 : kernel.world.random(),
  }
}

/** What the maps in a map of maps have to be like; undefined for other types. Source: spec 02 §6.6. */
function innerOf({ attr, process }: CreateCall): MapTemplate | undefined | number {
  if (!OF_MAPS.has(attr.mapType)) return undefined
  const map = mapAt(process, attr.innerMapFd)
  if (typeof map === 'number') return map
  if (map.made.inner) return -errno.EINVAL
  const { type, keySize, valueSize, maxEntries, flags } = map.made.spec
  return NEVER_INNER.has(type)
    ? -errno.ENOTSUPP
    : { type, keySize, valueSize, maxEntries, flags, special: map.made.special }
}

/** The types of keys and values; they need to be there, and as big as keys and values are. */
function btfOf({ attr, process }: CreateCall): BpfBtf | undefined | number {
  const { btfKeyTypeId, btfValueTypeId } = attr
  if (btfKeyTypeId === 0 && btfValueTypeId === 0) return undefined
  const btf = btfAt(process, attr.btfFd)
  if (typeof btf === 'number') return btf
  if (btfKeyTypeId !== 0 && btf.sizeOf(btfKeyTypeId) !== attr.keySize) return -errno.EINVAL
  return btf.sizeOf(btfValueTypeId) === attr.valueSize ? btf : -errno.EINVAL
}

/** Members that only helpers may touch; undefined if there are none. */
function specialOf(btf: BpfBtf, type: number): readonly SpecialField[] | undefined {
  const fields = specialFields(btf.types, type)
  return fields.length > 0 ? fields : undefined
}

/** Types of maps that can hold locks and timers. */
const HOLDERS: Readonly<Record<string, ReadonlySet<number>>> = {
  bpf_spin_lock: new Set([T.hash, T.array, T.skStorage]),
  bpf_timer: new Set([T.hash, T.lruHash, T.array]),
}

/** Whether values of a type of map may have such members. One lock and one timer are enough. */
function checkSpecial(special: readonly SpecialField[], mapType: number): number {
  for (const { kind } of special) {
    const holders = HOLDERS[kind]
    if (holders && special.filter((other) => other.kind === kind).length > 1) return -errno.E2BIG
    if (holders && !holders.has(mapType)) return -errno.EOPNOTSUPP
    // What these need is not there.
    if (!holders && kind !== 'kptr') return -errno.EOPNOTSUPP
  }
  return 0
}
