import type { RunnableProgram } from '../../net/device-programs.ts'
import type { ProgramList } from '../../net/program-list.ts'
import { type AttachPlace, tidy } from '../attach/place.ts'
import { removeLink } from '../attach/remove.ts'
import { BpfObject } from './object.ts'
import type { BpfProgram } from './program.ts'

/** Where a link has put its program. */
export interface LinkPlace extends AttachPlace {
  readonly programs: ProgramList<RunnableProgram>
}

/** A BPF link to a device: while it is held its program stays attached. Source: spec 02 §2.9. */
export class BpfLink extends BpfObject {
  readonly kind = 'link'
  /** LINK_TYPE. */
  readonly type: number
  /** ATTACH_TYPE. */
  readonly attachType: number
  /** Undefined once it is detached or its device has gone: the link is defunct then. */
  place: LinkPlace | undefined
  #program: BpfProgram
  readonly #gone: (link: BpfLink) => void

  constructor(id: number, type: number, attachType: number, program: BpfProgram, gone: (link: BpfLink) => void) {
    super(id)
    this.type = type
    this.attachType = attachType
    this.#program = program
    this.#gone = gone
    program.hold()
  }

  get program(): BpfProgram {
    return this.#program
  }

  /** Has another program from now on. */
  run(program: BpfProgram): void {
    program.hold()
    this.#program.release()
    this.#program = program
  }

  /** Takes the program off the device. Harmless if it is off already. */
  detach(): void {
    if (!this.place) return
    removeLink(this.place.programs, this)
    tidy(this.place)
    this.place = undefined
  }

  lost(): void {
    this.place = undefined
  }

  /** It could not be attached, and nobody has heard of it. */
  abandon(): void {
    this.#program.release()
  }

  protected free(): void {
    this.detach()
    this.#program.release()
    this.#gone(this)
  }
}
