import type { TapOptions } from '@netkit/netlink'

/** A cable as far as it can be plugged in again: the bytes of a recording that came from memory, and functions, are gone. */
export type KeptWire =
  | {
      readonly kind: 'capture'
      readonly from?: { readonly path: string }
      readonly to?: { readonly path: string }
      readonly pace?: 'full' | 'timestamps'
    }
  | { readonly kind: 'nic'; readonly id: number }
  | (TapOptions & { readonly kind: 'tap' })

/** What is plugged into which NIC. A cable between two NICs is noted at one of them. */
export class Wires {
  readonly #byNic = new Map<number, KeptWire>()

  /** The NIC gets this wire; whatever it was connected to, it is no more. */
  set(nic: number, wire: KeptWire | undefined): void {
    this.#unplug(nic)
    if (!wire) return
    if (wire.kind === 'nic') this.#unplug(wire.id)
    this.#byNic.set(nic, wire)
  }

  #unplug(nic: number): void {
    this.#byNic.delete(nic)
    for (const [other, wire] of this.#byNic) if (wire.kind === 'nic' && wire.id === nic) this.#byNic.delete(other)
  }

  entries(): Iterable<readonly [nic: number, wire: KeptWire]> {
    return this.#byNic
  }
}
