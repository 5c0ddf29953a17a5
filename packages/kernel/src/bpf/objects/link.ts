import type { Device } from '../../net/device.ts'
import { BpfObject } from './object.ts'
import type { BpfProgram } from './program.ts'

/** Where a link has put its program. */
export interface LinkPlace {
  /** The device that runs it. */
  readonly dev: Device
  /** Has another program there; 0 or a negative errno. */
  replace(link: BpfLink, program: BpfProgram): number
  /** Takes away what the link has put there. */
  remove(link: BpfLink): void
}

/** A BPF link to a device: while it is held its program stays attached. Source: spec 02 §2.9. */
export class BpfLink extends BpfObject {
  readonly kind = 'link'
  /** LINK_TYPE. */
  readonly type: number
  /** ATTACH_TYPE; 0 of links that do not tell it. */
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
    this.place.remove(this)
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
