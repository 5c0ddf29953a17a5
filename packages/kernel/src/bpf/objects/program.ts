import type { Runnable } from '@netkit/bpf'
import { type Device, REGISTERED } from '../../net/device.ts'
import type { ProgramNeeds } from '../../net/device-programs.ts'
import type { XdpProgram } from '../../net/xdp.ts'
import { BpfObject } from './object.ts'
import type { RunStatistics } from './statistics.ts'

/** What a program is, as its loader said and its verification found. */
export interface ProgramFacts {
  /** Of the program among those that an engine has loaded, from 1 on. */
  readonly number: number
  /** PROG_TYPE. */
  readonly type: number
  /** ATTACH_TYPE, or whatever the loader said. */
  readonly expectedAttachType: number
  /** Of XDP programs: takes packets that lie in several buffers. */
  readonly takesFragments: boolean
  /** The device that it was loaded for, if it was for one. */
  readonly boundTo: Device | undefined
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
  /** Which lines of its source they come from, in records of LINE_INFO_BYTES. */
  readonly lines: Uint8Array
  /** Instructions that were looked at to verify it. */
  readonly verifiedInstructions: number
  /** What it uses, held as long as it exists. */
  readonly uses: readonly BpfObject[]
  readonly needs: ProgramNeeds
  readonly runnable: Runnable
}

/** A loaded program. */
export class BpfProgram extends BpfObject implements XdpProgram {
  readonly kind = 'program'
  readonly facts: ProgramFacts
  readonly type: number
  /** What prog arrays have for it. */
  readonly number: number
  readonly needs: ProgramNeeds
  readonly name: string
  /** Counted and timed while statistics are on. */
  runCount = 0n
  runTimeNs = 0n
  /** What it uses, and what it was bound to since. */
  readonly #uses: BpfObject[]
  readonly #runnable: Runnable
  readonly #statistics: RunStatistics
  readonly #gone: (program: BpfProgram) => void

  constructor(id: number, facts: ProgramFacts, statistics: RunStatistics, gone: (program: BpfProgram) => void) {
    super(id)
    this.facts = facts
    this.type = facts.type
    this.number = facts.number
    this.needs = facts.needs
    this.name = facts.name
    this.#runnable = facts.runnable
    this.#statistics = statistics
    this.#gone = gone
    this.#uses = [...facts.uses]
    for (const object of facts.uses) object.holdInside()
  }

  execute(context: number, stack: number): number {
    return this.#statistics.isOn ? this.#timed(context, stack) : this.#runnable.run(context, 0, stack)
  }

  #timed(context: number, stack: number): number {
    const start = this.#statistics.now()
    const verdict = this.#runnable.run(context, 0, stack)
    this.runTimeNs += this.#statistics.now() - start
    this.runCount++
    return verdict
  }

  get expectedAttachType(): number {
    return this.facts.expectedAttachType
  }

  get takesFragments(): boolean {
    return this.facts.takesFragments
  }

  get boundTo(): Device | null | undefined {
    const { boundTo } = this.facts
    return boundTo === undefined || boundTo.state === REGISTERED ? boundTo : null
  }

  get uses(): readonly BpfObject[] {
    return this.#uses
  }

  /** Holds one more object as long as it exists; nothing happens if it does already. */
  use(object: BpfObject): void {
    if (this.#uses.includes(object)) return
    object.holdInside()
    this.#uses.push(object)
  }

  protected free(): void {
    for (const object of this.#uses) object.releaseInside()
    this.#gone(this)
  }
}
