import type { MapSpec, MapType } from '@netkit/bpf'
import type { BpfBtf } from './btf.ts'
import { BpfObject } from './object.ts'

/** What a map is, as its maker said. */
export interface MapMaking {
  readonly spec: MapSpec
  readonly type: MapType
  readonly name: string
  /** Address of its header. */
  readonly handle: number
  /** Of maps of maps: a map like all that are put in. */
  readonly inner: MapTemplate | undefined
  readonly btf: BpfBtf | undefined
  readonly btfKeyTypeId: number
  readonly btfValueTypeId: number
}

/** What maps have in common that can stand for each other in a map of maps. */
export type MapTemplate = Pick<MapSpec, 'type' | 'keySize' | 'valueSize' | 'maxEntries' | 'flags'>

/** What programs have to have in common to call each other through a prog array. */
export interface ProgramKind {
  /** PROG_TYPE. */
  readonly type: number
  /** ATTACH_TYPE. */
  readonly expectedAttachType: number
}

/** What a map tells its kernel. */
export interface MapHooks {
  /** Its values are to be made zero. */
  emptied(): void
  /** What its values stand for has changed. */
  changed(): void
  /** It is no more. */
  gone(map: BpfMap): void
}

/** A map. Its elements lie in program memory. */
export class BpfMap extends BpfObject {
  readonly kind = 'map'
  readonly made: MapMaking
  /** Requests cannot change it any more. */
  frozen = false
  /** What its values stand for, by key in hex: held as long as they are in it. */
  readonly #held = new Map<string, BpfObject>()
  #programs: ProgramKind | undefined
  readonly #hooks: MapHooks

  constructor(made: MapMaking, hooks: MapHooks) {
    super(made.spec.id)
    this.#hooks = hooks
    this.made = made
    made.btf?.hold()
  }

  /** Of prog arrays: whether programs of a kind can be in it or use it. The first one decides. Source: spec 02 §6.4. */
  takesPrograms(kind: ProgramKind): boolean {
    this.#programs ??= kind
    return this.#programs.type === kind.type && this.#programs.expectedAttachType === kind.expectedAttachType
  }

  heldAt(key: string): BpfObject | undefined {
    return this.#held.get(key)
  }

  /** Has another object, or none, under a key from now on. */
  keep(key: string, object: BpfObject | undefined): void {
    object?.holdInside()
    const old = this.#held.get(key)
    if (object) this.#held.set(key, object)
    else this.#held.delete(key)
    old?.releaseInside()
    this.#hooks.changed()
  }

  /** Prog arrays are emptied, as programs in one could use it and hold it for ever. Source: spec 02 §6.4. */
  protected override unused(): void {
    if (this.made.type.holds !== 'program') return
    this.#hooks.emptied()
    this.#letGo()
  }

  #letGo(): void {
    for (const key of [...this.#held.keys()]) this.keep(key, undefined)
  }

  protected free(): void {
    this.#letGo()
    this.made.btf?.release()
    this.#hooks.gone(this)
  }
}
