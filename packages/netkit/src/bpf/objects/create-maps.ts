import { BPF_COMMANDS, type Btf, MAP_TYPE, type ObjectData, type ObjectMap, settingContents } from '@netkit/bpf'
import { KernelError } from '@netkit/netlink'
import { InputError } from '../../input/input-error.ts'
import type { BpfCalls } from '../calls.ts'
import type { KernelTypes } from '../files/types.ts'
import { BpfMap } from '../maps/map.ts'
import { kernelSettings } from './kernel-settings.ts'
import type { Variables } from './variables.ts'

/** What maps are made with. */
export interface MapMaking {
  readonly calls: BpfCalls
  readonly types: KernelTypes
  /** Descriptor of the object's types; undefined: it has none. */
  readonly btfFd: number | undefined
  readonly variables: Variables
  /** The types themselves. */
  readonly btf: Btf | undefined
  /** Folder of maps that are pinned by name. */
  readonly pinFolder: string
}

const T = MAP_TYPE
/** Types of maps whose keys and values have no types. Source: what Linux refuses. */
const UNTYPED: ReadonlySet<number> = new Set([
  ...[T.perfEventArray, T.cgroupArray, T.stackTrace, T.arrayOfMaps, T.hashOfMaps, T.devmap, T.devmapHash, T.cpumap],
  ...[T.xskmap, T.sockmap, T.sockhash, T.queue, T.stack, T.ringbuf, T.progArray, T.bloomFilter],
])
const PAGE = 4096

/** Makes a map of an object file with what is in it, or finds the one that is pinned under its name. */
export async function createMap(making: MapMaking, map: ObjectMap): Promise<BpfMap> {
  if (!map.pinByName) return await filled(making, map)
  const path = `${making.pinFolder}/${map.variable}`
  const pinned = await openPinned(making, map, path)
  if (pinned) return pinned
  const made = await filled(making, map)
  try {
    await made.pin(path)
  } catch (e) {
    await made.close()
    throw e
  }
  return made
}

async function openPinned({ calls, types }: MapMaking, map: ObjectMap, path: string): Promise<BpfMap | undefined> {
  const op = `open map ${map.variable} at ${path}`
  const pathname = calls.text(op, path)
  const { result, refusal } = await calls.attempt(BPF_COMMANDS.objGet, {
    op,
    values: { pathname: pathname.address },
    memory: [pathname],
  })
  if (refusal?.code === 'ENOENT') return undefined
  if (refusal) throw refusal
  const found = await BpfMap.of(calls, types, result)
  const { info } = found
  if (info.keySize === map.keySize && info.valueSize === map.valueSize && info.maxEntries === entriesOf(calls, map))
    return found
  await found.close()
  throw new InputError(
    op,
    'map',
    `must be like the one that is pinned there: ${info.type} of ${info.maxEntries}, key ${info.keySize}, value ${info.valueSize} bytes`,
  )
}

async function filled(making: MapMaking, map: ObjectMap): Promise<BpfMap> {
  const { calls, types } = making
  const made = await BpfMap.of(calls, types, await create(making, map))
  if (!map.data) return made
  try {
    await made.update(Uint8Array.of(0, 0, 0, 0), await contentsOf(making, map.data))
    if (map.data.readOnly) await made.freeze()
  } catch (e) {
    await made.close()
    throw e
  }
  return made
}

/** What a section of variables begins with; the kernel's settings as they are now. */
async function contentsOf({ calls, variables, btf }: MapMaking, data: ObjectData): Promise<Uint8Array> {
  if (!data.settings || !btf) return variables.contents(data)
  return settingContents(btf, data.settings, await kernelSettings(calls))
}

/** Descriptor of a new map. Types that the kernel does not take are left out, as libbpf does it. */
async function create(making: MapMaking, map: ObjectMap): Promise<number> {
  const inner = map.inner && (await create(making, map.inner))
  try {
    const typed = making.btfFd !== undefined && !UNTYPED.has(map.type) && map.valueType !== 0
    if (!typed) return await createWith(making, map, inner, undefined)
    try {
      return await createWith(making, map, inner, making.btfFd)
    } catch (e) {
      if (!(e instanceof KernelError) || e.code === 'EPERM' || e.code === 'ENOMEM') throw e
      return await createWith(making, map, inner, undefined)
    }
  } finally {
    if (inner !== undefined) await making.calls.door('create a map').closeFile(inner)
  }
}

async function createWith(
  { calls }: MapMaking,
  map: ObjectMap,
  innerMapFd: number | undefined,
  btfFd: number | undefined,
): Promise<number> {
  const { result } = await calls.call(BPF_COMMANDS.mapCreate, {
    op: `create map ${map.variable}`,
    values: {
      mapType: map.type,
      keySize: map.keySize,
      valueSize: map.valueSize,
      maxEntries: entriesOf(calls, map),
      mapFlags: map.flags,
      mapName: map.name,
      mapExtra: map.extra,
      numaNode: map.numaNode ?? 0,
      ...(innerMapFd !== undefined && { innerMapFd }),
      ...(btfFd !== undefined && { btfFd, btfKeyTypeId: map.keyType, btfValueTypeId: map.valueType }),
    },
  })
  return result
}

/** Rings are whole pages, a power of two of them; a perf event array has a place for each CPU if nothing else is said. */
function entriesOf(calls: BpfCalls, { type, maxEntries }: ObjectMap): number {
  if (type === MAP_TYPE.perfEventArray && maxEntries === 0) return calls.door('create a map').cpus
  if (type !== MAP_TYPE.ringbuf) return maxEntries
  let size = PAGE
  while (size < maxEntries) size *= 2
  return size
}
