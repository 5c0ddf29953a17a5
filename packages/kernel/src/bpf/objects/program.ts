import type { RunnableProgram } from '../../net/device-programs.ts'
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
  readonly run: (context: number) => number
}

/** A loaded program. */
export class BpfProgram extends BpfObject implements RunnableProgram {
  readonly kind = 'program'
  readonly facts: ProgramFacts
  readonly type: number
  /** What prog arrays have for it. */
  readonly number: number
  readonly run: (context: number) => number
  readonly #gone: (program: BpfProgram) => void

  constructor(id: number, facts: ProgramFacts, gone: (program: BpfProgram) => void) {
    super(id)
    this.facts = facts
    this.type = facts.type
    this.number = facts.number
    this.run = facts.run
    this.#gone = gone
    for (const object of facts.uses) object.holdInside()
  }

  protected free(): void {
    for (const object of this.facts.uses) object.releaseInside()
    this.#gone(this)
  }
}
