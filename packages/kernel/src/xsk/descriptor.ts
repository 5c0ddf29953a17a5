import { XDP_DESC } from '@netkit/netlink'
import type { Umem } from './umem.ts'

const KNOWN_OPTIONS = XDP_DESC.continued | XDP_DESC.txMetadata
const LOW_48_HIGH = 0xffff
const TWO32 = 0x1_0000_0000

/** What the application asks to be sent, read from its ring. One a pool, overwritten by the next. */
export class TxDescriptor {
  /** As it was written: what goes to the completion ring. */
  low = 0
  high = 0
  length = 0
  options = 0
  /** Where the data begin in the UMEM. */
  offset = 0

  /** Reads the descriptor at a word of packet memory; false if it cannot be sent. Source: spec 02 §8.3. */
  read(i32: Int32Array, word: number, umem: Umem): boolean {
    this.low = i32[word]
    this.high = i32[word + 1]
    this.length = i32[word + 2] >>> 0
    this.options = i32[word + 3]
    const { length, options } = this
    const { metadataLength, chunkSize, size } = umem
    if (length === 0 || (options & ~KNOWN_OPTIONS) !== 0) return false
    if (umem.unaligned) {
      this.offset = (this.high & LOW_48_HIGH) * TWO32 + (this.low >>> 0) + (this.high >>> 16)
      const start = this.offset - metadataLength
      return length + metadataLength <= chunkSize && start >= 0 && this.offset + length <= size
    }
    this.offset = (this.high >>> 0) * TWO32 + (this.low >>> 0)
    const start = this.offset - metadataLength
    if (start < 0 || start >= size) return false
    return (start % chunkSize) + length + metadataLength <= chunkSize
  }

  get isLast(): boolean {
    return (this.options & XDP_DESC.continued) === 0
  }

  get hasMetadata(): boolean {
    return (this.options & XDP_DESC.txMetadata) !== 0
  }
}
