import { type Fault, faultFault, type HardwareDoor, refused } from '@netkit/netlink'
import { InputError } from './input/input-error.ts'
import type { Places } from './places/places.ts'

/**
 * What is to go wrong, for tests of what is built on a kernel: `kernel.faults`. Only the embedded kernel does as it is told;
 * others refuse with EOPNOTSUPP.
 */
export class Faults {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** Has something go wrong. KernelError ENOENT for an unknown NIC. */
  async add(fault: Fault): Promise<void> {
    const wrong = faultFault(fault)
    if (wrong) throw new InputError('fault add', wrong[0], `must be ${wrong[1]}`)
    await this.#door('fault add').fault(fault)
  }

  /** Faults that are still to come. */
  async list(): Promise<readonly Fault[]> {
    return await this.#door('fault list').faults()
  }

  /** Nothing is to go wrong any more. */
  async clear(): Promise<void> {
    await this.#door('fault clear').clearFaults()
  }

  #door(op: string): HardwareDoor {
    const { doors } = this.#places.context
    if (doors.hardware) return doors.hardware
    throw refused(
      op,
      'EOPNOTSUPP',
      `the ${doors.kind} kernel fails when it fails; only the embedded one can be made to`,
    )
  }
}
