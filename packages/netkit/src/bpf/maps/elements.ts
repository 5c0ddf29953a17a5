import { BPF_COMMANDS, ELEM_FLAG } from '@netkit/bpf'
import type { KernelError } from '@netkit/netlink'
import type { BpfCalls } from '../calls.ts'

const C = BPF_COMMANDS

/** A map in bytes: as bpf(2) has its elements. */
export interface MapShape {
  readonly fd: number
  readonly label: string
  readonly keySize: number
  /** Of per-CPU maps: of all CPUs together. */
  readonly valueSize: number
}

const isMissing = (e: KernelError | undefined): boolean => e?.code === 'ENOENT'

/** The elements of a map in bytes. */
export class Elements {
  readonly #calls: BpfCalls
  readonly #map: MapShape

  constructor(calls: BpfCalls, map: MapShape) {
    this.#calls = calls
    this.#map = map
  }

  /** Undefined: there is no such element. `key` is empty for maps without keys. */
  lookup(key: Uint8Array, flags = 0n): Promise<Uint8Array | undefined> {
    return this.#read(C.mapLookupElem, `look up in ${this.#map.label}`, key, flags)
  }

  lookupAndDelete(key: Uint8Array, flags = 0n): Promise<Uint8Array | undefined> {
    return this.#read(C.mapLookupAndDeleteElem, `take from ${this.#map.label}`, key, flags)
  }

  async #read(
    command: typeof C.mapLookupElem | typeof C.mapLookupAndDeleteElem,
    op: string,
    key: Uint8Array,
    flags: bigint,
  ): Promise<Uint8Array | undefined> {
    const keys = this.#calls.bytes(op, key)
    const value = this.#calls.door(op).memory(this.#map.valueSize)
    const { refusal } = await this.#calls.attempt(command, {
      op,
      values: { mapFd: this.#map.fd, key: key.length > 0 ? keys.address : 0n, value: value.address, flags },
      memory: [keys, value],
    })
    if (isMissing(refusal)) return undefined
    if (refusal) throw refusal
    return value.bytes
  }

  async update(key: Uint8Array, value: Uint8Array, flags: number = ELEM_FLAG.any): Promise<void> {
    const op = `update ${this.#map.label}`
    const [keys, values] = [this.#calls.bytes(op, key), this.#calls.bytes(op, value)]
    await this.#calls.call(C.mapUpdateElem, {
      op,
      values: {
        mapFd: this.#map.fd,
        key: key.length > 0 ? keys.address : 0n,
        value: values.address,
        flags: BigInt(flags),
      },
      memory: [keys, values],
    })
  }

  /** Whether there was such an element. */
  async delete(key: Uint8Array): Promise<boolean> {
    const op = `delete from ${this.#map.label}`
    const keys = this.#calls.bytes(op, key)
    const { refusal } = await this.#calls.attempt(C.mapDeleteElem, {
      op,
      values: { mapFd: this.#map.fd, key: keys.address },
      memory: [keys],
    })
    if (refusal && !isMissing(refusal)) throw refusal
    return refusal === undefined
  }

  /** The key behind this one, or the first; undefined: there are no more. */
  async nextKey(key: Uint8Array | undefined): Promise<Uint8Array | undefined> {
    const op = `walk ${this.#map.label}`
    const [given, next] = [key && this.#calls.bytes(op, key), this.#calls.door(op).memory(this.#map.keySize)]
    const { refusal } = await this.#calls.attempt(C.mapGetNextKey, {
      op,
      values: { mapFd: this.#map.fd, key: given?.address ?? 0n, nextKey: next.address },
      memory: given ? [given, next] : [next],
    })
    if (isMissing(refusal)) return undefined
    if (refusal) throw refusal
    return next.bytes
  }
}
