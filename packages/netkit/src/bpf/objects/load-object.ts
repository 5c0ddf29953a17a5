import {
  BPF_COMMANDS,
  type BpfObject,
  type Btf,
  CoreTarget,
  encode,
  type LinkedProgram,
  type LoadInfo,
  linkProgram,
  loadInfo,
  type ObjectProgram,
  PROG_FLAG,
  PROG_TYPE,
  relocateCore,
  resolveReferences,
} from '@netkit/bpf'
import { InputError } from '../../input/input-error.ts'
import type { BpfCalls } from '../calls.ts'
import type { Program } from '../files/program.ts'
import type { KernelTypes } from '../files/types.ts'
import type { BpfMap } from '../maps/map.ts'
import { createMap } from './create-maps.ts'
import { loadProgram, type ProgramImage, verifierLog } from './load-program.ts'
import type { Variables } from './variables.ts'

export interface LoadOptions {
  /** Names of the programs to load. Default: all whose section does not begin with `?`. */
  readonly programs?: readonly string[]
  /** Type of programs whose section does not say it. Default: `sched_cls`. */
  readonly type?: 'sched_cls' | 'xdp'
  /** Maps that take the place of the object's own, by their names in the source. They stay open when the object is closed. */
  readonly maps?: Readonly<Record<string, BpfMap>>
  /** Is told what the verifier writes about each program that it accepts. Of one that is refused the error has it. */
  readonly onLog?: (program: string, log: string) => void
  /** Where maps with `LIBBPF_PIN_BY_NAME` are. Default: `/sys/fs/bpf`. */
  readonly pinFolder?: string
}

/** What was loaded, by name. */
export interface Loaded {
  readonly maps: ReadonlyMap<string, BpfMap>
  readonly programs: ReadonlyMap<string, Program>
  /** What is to be closed with the object. */
  readonly owned: readonly AsyncDisposable[]
}

const TYPES = {
  sched_cls: { type: PROG_TYPE.schedCls, attachType: 0, flags: 0 },
  xdp: { type: PROG_TYPE.xdp, attachType: 37, flags: 0 },
}

/** Loads the maps and programs of one object file. */
export class ObjectLoader {
  readonly #calls: BpfCalls
  readonly #types: KernelTypes
  readonly #object: BpfObject
  readonly #variables: Variables
  readonly #options: LoadOptions
  readonly #owned: AsyncDisposable[] = []
  readonly #maps: BpfMap[] = []
  readonly #info: LoadInfo | undefined

  constructor(calls: BpfCalls, types: KernelTypes, object: BpfObject, variables: Variables, options: LoadOptions) {
    this.#calls = calls
    this.#types = types
    this.#object = object
    this.#variables = variables
    this.#options = options
    this.#info = object.btf && loadInfo(object)
  }

  /** Loads all, or nothing: what was made before something is refused is closed again. */
  async load(): Promise<Loaded> {
    try {
      return await this.#load()
    } catch (e) {
      await closeAll(this.#owned)
      throw e
    }
  }

  async #load(): Promise<Loaded> {
    const object = this.#object
    const chosen = this.#chosen()
    const btfFd = this.#info && (await this.#loadTypes(this.#info.btf))
    try {
      for (const map of object.maps) this.#maps.push(await this.#map(map, btfFd))
      await this.#fillMaps()
      const all = new Map<string, Program>()
      for (const program of withTailCalls(object, chosen)) all.set(program.name, await this.#program(program, btfFd))
      await this.#fillProgramArrays(all)
      const programs = new Map(chosen.map(({ name }) => [name, all.get(name)!]))
      const maps = new Map(object.maps.map(({ variable }, i) => [variable, this.#maps[i]]))
      return { maps, programs, owned: this.#owned }
    } finally {
      if (btfFd !== undefined) await this.#calls.door('load types').closeFile(btfFd)
    }
  }

  #chosen(): readonly ObjectProgram[] {
    const { programs: all } = this.#object
    const { programs: names } = this.#options
    if (!names) return all.filter(({ autoload }) => autoload)
    return names.map((name) => {
      const program = all.find((one) => one.name === name)
      if (program) return program
      throw new InputError(
        `load ${this.#object.name}`,
        'programs',
        `has no '${name}': there are ${all.map((p) => p.name).join(', ')}`,
      )
    })
  }

  async #loadTypes(bytes: Uint8Array): Promise<number> {
    const op = `load types of ${this.#object.name}`
    const btf = this.#calls.bytes(op, bytes)
    const values = { btf: btf.address, btfSize: bytes.length }
    return (await this.#calls.call(BPF_COMMANDS.btfLoad, { op, values, memory: [btf] })).result
  }

  async #map(map: BpfObject['maps'][number], btfFd: number | undefined): Promise<BpfMap> {
    const given = this.#options.maps?.[map.variable]
    if (given) return given
    const making = {
      calls: this.#calls,
      types: this.#types,
      btfFd,
      variables: this.#variables,
      btf: this.#object.btf,
      pinFolder: this.#options.pinFolder ?? '/sys/fs/bpf',
    }
    const made = await createMap(making, map)
    this.#owned.push(made)
    return made
  }

  /** Puts maps into maps of maps, as the source says. */
  async #fillMaps(): Promise<void> {
    for (const [i, { slots }] of this.#object.maps.entries()) {
      for (const { index, map } of slots) {
        const inner = this.#object.maps.findIndex(({ variable }) => variable === map)
        if (inner >= 0) await this.#maps[i].update(keyBytes(index), this.#maps[inner])
      }
    }
  }

  async #fillProgramArrays(programs: ReadonlyMap<string, Program>): Promise<void> {
    for (const [i, { slots }] of this.#object.maps.entries()) {
      for (const { index, program: name } of slots) {
        const program = name === undefined ? undefined : programs.get(name)
        if (program) await this.#maps[i].update(keyBytes(index), program)
      }
    }
  }

  async #program(program: ObjectProgram, btfFd: number | undefined): Promise<Program> {
    const linked = linkProgram(this.#object, program)
    const image = await this.#image(linked, btfFd)
    const loaded = await loadProgram(this.#calls, image)
    this.#owned.push(loaded)
    this.#options.onLog?.(program.name, await verifierLog(this.#calls, image))
    return loaded
  }

  async #image(linked: LinkedProgram, btfFd: number | undefined): Promise<ProgramImage> {
    const { program, code, references, relocations, lines } = linked
    const { btf } = this.#object
    if (btf && relocations.length > 0) relocateCore(code, btf, relocations, new CoreTarget(await this.#types.own()))
    const symbols = references.some(({ kind }) => kind === 'kfunc' || kind === 'variable')
      ? await this.#types.own()
      : undefined
    resolveReferences(linked, code, {
      mapFd: (map) => this.#maps[map].fd,
      kernelType: symbols && ((name) => symbolType(symbols, name)),
    })
    const type = program.type ?? TYPES[this.#options.type ?? 'sched_cls']
    const records = btfFd === undefined ? undefined : this.#info?.of(linked)
    return {
      name: program.name,
      type: type.type,
      attachType: type.attachType,
      flags: type.flags & ~PROG_FLAG.tokenFd,
      license: this.#object.license,
      code: encode(code),
      info: records && { btfFd: btfFd!, ...records },
      sourceOf(slot) {
        const line = lines.findLast((one) => one.slot <= slot)
        return line && { file: line.file, line: line.line, text: line.text.trim() }
      },
    }
  }
}

/** Programs, and those that their prog arrays hold at first, and so on. */
function withTailCalls(object: BpfObject, programs: readonly ObjectProgram[]): readonly ObjectProgram[] {
  const all = new Set(programs)
  // Grows while it is walked.
  for (const program of all) {
    for (const reference of linkProgram(object, program).references) {
      const slots = reference.kind === 'map' ? object.maps[reference.map].slots : []
      for (const { program: name } of slots) {
        const called = object.programs.find((one) => one.name === name)
        if (called) all.add(called)
      }
    }
  }
  return [...all]
}

/** Closes what was opened last first. */
export async function closeAll(owned: readonly AsyncDisposable[]): Promise<void> {
  for (const one of owned.toReversed()) await one[Symbol.asyncDispose]()
}

const keyBytes = (index: number): Uint8Array => new Uint8Array(Uint32Array.of(index).buffer)

/** The id of a function or variable of the kernel. */
function symbolType(btf: Btf, name: string): number | undefined {
  const id = btf.types.findIndex((type) => (type.kind === 'func' || type.kind === 'var') && type.name === name)
  return id < 0 ? undefined : id
}
