import { type BpfObject, type ObjectMap, openObject } from '@netkit/bpf'
import { InputError } from '../../input/input-error.ts'
import type { BpfCalls } from '../calls.ts'
import type { Program } from '../files/program.ts'
import type { KernelTypes } from '../files/types.ts'
import type { BpfMap } from '../maps/map.ts'
import { closeAll, type Loaded, type LoadOptions, ObjectLoader } from './load-object.ts'
import { Variables } from './variables.ts'

/** An object file that was read and checked, and not loaded yet. */
export class ObjectFile {
  /** What is in it. */
  readonly object: BpfObject
  /** Global variables: they can be set until it is loaded. */
  readonly variables: Variables
  readonly #calls: BpfCalls
  readonly #types: KernelTypes

  /** @internal Throws FormatError and ObjectError for what is no object file, or has what is not supported. */
  constructor(calls: BpfCalls, types: KernelTypes, bytes: Uint8Array, name: string | undefined) {
    this.#calls = calls
    this.#types = types
    this.object = openObject(bytes, name)
    this.variables = new Variables(this.object)
  }

  get maps(): readonly ObjectMap[] {
    return this.object.maps
  }

  /**
   * Makes its maps and loads its programs: all, or none of it stays. Rejects with VerifierError where a program is refused,
   * KernelError where something else is.
   */
  async load(options: LoadOptions = {}): Promise<LoadedObject> {
    const loader = new ObjectLoader(this.#calls, this.#types, this.object, this.variables, options)
    return new LoadedObject(this.object.name, await loader.load())
  }
}

/** The maps and programs of an object file in a kernel, open until it is closed. */
export class LoadedObject implements AsyncDisposable {
  readonly #name: string
  readonly #loaded: Loaded

  /** @internal */
  constructor(name: string, loaded: Loaded) {
    this.#name = name
    this.#loaded = loaded
  }

  /** By their names in the source; sections of global variables by those of the sections. */
  get maps(): ReadonlyMap<string, BpfMap> {
    return this.#loaded.maps
  }

  get programs(): ReadonlyMap<string, Program> {
    return this.#loaded.programs
  }

  /** Throws InputError for a name that no map has. */
  map(name: string): BpfMap {
    return this.#named(this.maps, 'map', name)
  }

  /** A program by name; the only one if no name is given. Throws InputError. */
  program(name?: string): Program {
    const [only, ...others] = this.programs.values()
    if (name === undefined && only && others.length === 0) return only
    return this.#named(this.programs, 'program', name)
  }

  #named<T>(all: ReadonlyMap<string, T>, what: string, name: string | undefined): T {
    const found = name === undefined ? undefined : all.get(name)
    if (found) return found
    const known = [...all.keys()].join(', ')
    throw new InputError(this.#name, what, `must be one of ${known || 'none: there are none'}`)
  }

  /** Closes all programs and maps: those that are not pinned, attached or used by others go. */
  close(): Promise<void> {
    return closeAll(this.#loaded.owned)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
