import type { Runnable } from '@netkit/bpf'
import type { ProgramNeeds, RunnableProgram } from '../../net/device-programs.ts'
import { BpfObject } from './object.ts'

/** What a program is, as its loader said and its verification found. */
export interface ProgramFacts {
  /** Of the program among those that an engine has loaded, from 1 on. */
  readonly number: number
  /** PROG_TYPE. */
  readonly type: number
  /** ATTACH_TYPE, or whatever the loader said. */
  readonly expectedAttachType: number
  readonly name: string
  /** Hash of the instructions, 8 bytes. */
  readonly tag: Uint8Array
  readonly gplCompatible: boolean
  /** Of who loaded it. */
  readonly uid: number
  /** ns since boot. */
  readonly loadedAt: bigint
  /** The instructions as they run, 8 bytes each. */
  readonly instructions: Uint8Array
  /** Instructions that were looked at to verify it. */
  readonly verifiedInstructions: number
  /** What it uses, held as long as it exists. */
  readonly uses: readonly BpfObject[]
  readonly needs: ProgramNeeds
  readonly runnable: Runnable
}

/** A loaded program. */
export class BpfProgram extends BpfObject implements RunnableProgram {
  readonly kind = 'program'
  readonly facts: ProgramFacts
  readonly type: number
  /** What prog arrays have for it. */
  readonly number: number
  readonly needs: ProgramNeeds
  readonly #runnable: Runnable
  readonly #gone: (program: BpfProgram) => void

  constructor(id: number, facts: ProgramFacts, gone: (program: BpfProgram) => void) {
    super(id)
    this.facts = facts
    this.type = facts.type
    this.number = facts.number
    this.needs = facts.needs
    this.#runnable = facts.runnable
    this.#gone = gone
    for (const object of facts.uses) object.holdInside()
  }

  execute(context: number, stack: number): number {
    return this.#runnable.run(context, 0, stack)
  }

  protected free(): void {
    for (const object of this.facts.uses) object.releaseInside()
    this.#gone(this)
  }
}
