import type { GenlCommand, Writer } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import type { Registered } from '../call.ts'
import { notify } from '../notify.ts'
import { writeHeader } from './header.ts'

/** Group `monitor`: settings that were changed. All notifications share one sequence. */
export class EthtoolNotifier {
  readonly #kernel: Core
  readonly #family: () => Registered
  #seq = 0

  constructor(kernel: Core, family: () => Registered) {
    this.#kernel = kernel
    this.#family = family
  }

  /** Tells of a device's settings, as `fill` writes them behind the header. */
  tell(dev: Device, command: GenlCommand, fill: (w: Writer) => void): void {
    this.#seq = (this.#seq + 1) >>> 0
    notify(this.#kernel, dev.ns, this.#family(), 'monitor', command, this.#seq, (w) => {
      writeHeader(w, dev)
      fill(w)
    })
  }
}
