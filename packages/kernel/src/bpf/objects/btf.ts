import { type Btf, BtfError, sizeOf } from '@netkit/bpf'
import { BpfObject } from './object.ts'

/** Types that a loader has told. */
export class BpfBtf extends BpfObject {
  readonly kind = 'btf'
  readonly bytes: Uint8Array
  readonly types: Btf
  readonly #gone: (btf: BpfBtf) => void

  constructor(id: number, bytes: Uint8Array, types: Btf, gone: (btf: BpfBtf) => void) {
    super(id)
    this.bytes = bytes
    this.types = types
    this.#gone = gone
  }

  /** Bytes that a value of a type takes; undefined for types that are not there or have no size. */
  sizeOf(type: number): number | undefined {
    try {
      return sizeOf(this.types, type)
    } catch (e) {
      if (e instanceof BtfError) return undefined
      throw e
    }
  }

  protected free(): void {
    this.#gone(this)
  }
}
