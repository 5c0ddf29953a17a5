import type { MapSpec, MapType, SpecialField } from '@netkit/bpf'
import type { BpfBtf } from './btf.ts'
import { MapTargets } from './map-targets.ts'
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
  /** Members of its values that only helpers may touch. */
  readonly special: readonly SpecialField[] | undefined
  readonly btfKeyTypeId: number
  readonly btfValueTypeId: number
}

/** What maps have in common that can stand for each other in a map of maps. */
export type MapTemplate = Pick<MapSpec, 'type' | 'keySize' | 'valueSize' | 'maxEntries' | 'flags'> & {
  readonly special?: readonly SpecialField[] | undefined
}

/** What programs have to have in common to call each other through a prog array. */
export interface ProgramKind {
  /** PROG_TYPE. */
  readonly type: number
  /** ATTACH_TYPE. */
  readonly expectedAttachType: number
  /** Of XDP programs: takes packets that lie in several buffers. */
  readonly takesFragments: boolean
}

/** What a map tells its kernel. */
export interface MapHooks {
  /** Where one of its entries led is no more. */
  entryGone(map: BpfMap, key: number): void
  /** The socket of one of its entries is bound to a queue. */
  entryQueued(map: BpfMap, key: number, queue: number): void
  /** Nobody uses it any more: values of prog arrays are to be made zero, timers end. */
  unused(): void
  /** What its values stand for has changed. */
  changed(): void
  /** It is no more. */
  gone(map: BpfMap): void
}

/** What a map calls a key whose value stands for something. */
export const keyName = (key: Uint8Array): string => Array.from(key, (b) => b.toString(16).padStart(2, '0')).join('')

/** A map. Its elements lie in program memory. */
export class BpfMap extends BpfObject {
  readonly kind = 'map'
  readonly made: MapMaking
  /** Requests cannot change it any more. */
  frozen = false
  /** What its values stand for, by key in hex: held as long as they are in it. */
  readonly #held = new Map<string, BpfObject>()
  /** Where XDP programs can redirect to by it, if that is what it is for. */
  readonly targets: MapTargets | undefined
  #programs: ProgramKind | undefined
  readonly #hooks: MapHooks

  constructor(made: MapMaking, hooks: MapHooks) {
    super(made.spec.id)
    this.#hooks = hooks
    this.made = made
    made.btf?.hold()
    const { holds } = made.type
    if (holds === 'device' || holds === 'cpu' || holds === 'socket') {
      this.targets = new MapTargets(
        holds,
        (key) => hooks.entryGone(this, key),
        (key, queue) => hooks.entryQueued(this, key, queue),
      )
    }
  }

  /** Programs are put into it, alone or beside what they run for. */
  get canHoldPrograms(): boolean {
    const { holds } = this.made.type
    return holds === 'program' || holds === 'device' || holds === 'cpu'
  }

  /**
   * Of maps that programs are put into: whether programs of a kind can be in it or use it. The first one decides. What is in a map of
   * devices or CPUs is attached otherwise than what uses it. Source: spec 02 §6.4, and what Linux 7.3 answers.
   */
  takesPrograms(kind: ProgramKind): boolean {
    this.#programs ??= kind
    const first = this.#programs
    if (first.type !== kind.type || first.takesFragments !== kind.takesFragments) return false
    return this.made.type.holds !== 'program' || first.expectedAttachType === kind.expectedAttachType
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
    this.#hooks.unused()
    if (this.made.type.holds === 'program') this.#letGo()
  }

  #letGo(): void {
    for (const key of [...this.#held.keys()]) this.keep(key, undefined)
  }

  protected free(): void {
    this.#letGo()
    this.targets?.clear()
    this.made.btf?.release()
    this.#hooks.gone(this)
  }
}
