import type { BpfMemory } from '@netkit/netlink'

/** What a client's addresses lead to, in one call. */
export class ClientMemory {
  readonly #parts: readonly BpfMemory[]

  constructor(parts: readonly BpfMemory[]) {
    this.#parts = parts
  }

  /** The client's own bytes, to read and to write; undefined (EFAULT) where it has none or not so many. */
  at(address: bigint, size: number): Uint8Array | undefined {
    for (const part of this.#parts) {
      const offset = address - part.address
      if (offset < 0n || offset > BigInt(part.bytes.length)) continue
      if (offset + BigInt(size) <= BigInt(part.bytes.length)) {
        return part.bytes.subarray(Number(offset), Number(offset) + size)
      }
    }
    return undefined
  }

  /** Text up to its NUL, of at most `size` bytes with it; undefined if there is none. `cut`: text that is too long is cut off. */
  text(address: bigint, size: number): Uint8Array | undefined {
    for (const part of this.#parts) {
      const offset = Number(address - part.address)
      if (offset < 0 || offset >= part.bytes.length) continue
      const rest = part.bytes.subarray(offset, offset + size)
      const end = rest.indexOf(0)
      if (end >= 0) return rest.subarray(0, end)
    }
    return undefined
  }
}
