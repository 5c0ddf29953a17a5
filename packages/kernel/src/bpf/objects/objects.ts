import { type Btf, createMap, destroyMap, MAP_HEADER, setSocketQueue } from '@netkit/bpf'
import type { OpenObject } from '../../net/process.ts'
import type { Redirects } from '../../net/redirect.ts'
import type { XdpPath } from '../../net/xdp-run.ts'
import type { World } from '../../world.ts'
import type { Contexts } from '../context/contexts.ts'
import { NeedsOfPrograms } from '../context/needs.ts'
import type { ProgramMemory } from '../run/memory.ts'
import { BpfRuntime } from '../run/runtime.ts'
import { BpfBtf } from './btf.ts'
import { IdTable } from './id-table.ts'
import { BpfLink } from './link.ts'
import { BpfMap, keyName, type MapMaking } from './map.ts'
import { BpfProgram, type ProgramFacts } from './program.ts'
import { RunStatistics } from './statistics.ts'

/** All objects of bpf(2) that a kernel has. */
export class BpfObjects {
  readonly programs = new IdTable<BpfProgram>()
  readonly links = new IdTable<BpfLink>()
  readonly maps = new IdTable<BpfMap>()
  readonly btfs = new IdTable<BpfBtf>()
  /** Objects by the path that they are pinned under; each pin holds. */
  readonly pins = new Map<string, OpenObject>()

  /** What programs need around their runs. */
  readonly needs = new NeedsOfPrograms()

  readonly memory: ProgramMemory

  readonly runtime: BpfRuntime
  readonly statistics: RunStatistics
  readonly #xdp: XdpPath

  constructor(
    memory: ProgramMemory,
    contexts: Contexts,
    redirects: Redirects,
    xdp: XdpPath,
    world: World,
    epoch: bigint,
  ) {
    this.#xdp = xdp
    this.memory = memory
    this.statistics = new RunStatistics(world)
    this.runtime = new BpfRuntime(memory, contexts, redirects, xdp, world, epoch)
  }

  /** Whether the path was free. */
  pin(path: string, object: OpenObject): boolean {
    if (this.pins.has(path)) return false
    object.hold()
    this.pins.set(path, object)
    return true
  }

  addProgram(facts: ProgramFacts): BpfProgram {
    const { programs, runtime } = this
    const program = new BpfProgram(programs.nextId(), facts, this.statistics, ({ id, number }) => {
      programs.delete(id)
      runtime.unload(number)
    })
    return programs.add(program)
  }

  /** A link that is not known by its id until it is added to `links`. */
  makeLink(type: number, attachType: number, program: BpfProgram): BpfLink {
    const { links } = this
    return new BpfLink(links.nextId(), type, attachType, program, ({ id }) => links.delete(id))
  }

  /** Makes a map; ENOMEM, or what the type refuses. */
  makeMap(making: Omit<MapMaking, 'handle'>): BpfMap | number {
    const { maps, memory, runtime } = this
    const handle = createMap(memory, making.spec)
    if (handle < 0) return handle
    const { type, spec } = making
    const values = memory.view.getUint32(handle + MAP_HEADER.VALUES, true)
    const { special } = runtime
    if (making.special) special.add(handle, making.special)
    const map = new BpfMap(
      { ...making, handle },
      {
        entryGone: (of, key) => this.#removeEntry(of, key),
        entryQueued: (of, key, queue) => setSocketQueue(memory, of.made.handle, key, queue),
        unused: () => {
          if (type.holds === 'program') memory.u8.fill(0, values, values + type.bytes(spec))
          special.end(handle, false)
        },
        changed: () => {
          if (type.holds === 'program') runtime.progArraysChanged()
        },
        gone: ({ id }) => {
          maps.delete(id)
          this.#xdp.maps.delete(handle)
          special.end(handle, true)
          runtime.storages.forgetMap(handle)
          destroyMap(memory, handle, spec)
        },
      },
    )
    if (map.targets) this.#xdp.maps.set(handle, map.targets)
    return map
  }

  /** An entry of a map of devices is no more. */
  #removeEntry(map: BpfMap, key: number): void {
    const { memory } = this
    const at = memory.scratch(4)
    memory.view.setUint32(at, key, true)
    map.made.type.remove(memory, map.made.handle, at)
    map.keep(keyName(memory.u8.subarray(at, at + 4)), undefined)
  }

  addBtf(bytes: Uint8Array, types: Btf): BpfBtf {
    const { btfs } = this
    return btfs.add(new BpfBtf(btfs.nextId(), bytes, types, ({ id }) => btfs.delete(id)))
  }
}
