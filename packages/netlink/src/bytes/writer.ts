import { align4 } from './align.ts'
import { encodeText } from './text.ts'

const NESTED = 0x8000
/** What the length field of an attribute can say, its header included. */
const MAX_ATTR = 0xffff

const tooLong = (length: number): never => {
  throw new RangeError(`an attribute of ${length} bytes; at most ${MAX_ATTR - 4} fit into one`)
}

/**
 * A growing buffer for messages. Numbers are little endian. Attributes are padded to 4 bytes with zeros; their length
 * field does not count the padding. Reuse one writer for many messages: `reset`, write, `take`. An attribute that becomes
 * longer than its length field can say (65531 bytes of payload) is a RangeError.
 */
export class Writer {
  bytes: Uint8Array
  view: DataView
  length = 0

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity)
    this.view = new DataView(this.bytes.buffer)
  }

  reset(): this {
    this.length = 0
    return this
  }

  /** A copy of what was written. */
  take(from = 0): Uint8Array {
    return this.bytes.slice(from, this.length)
  }

  /** Makes room for `n` more bytes and returns where they start; their content is undefined. */
  reserve(n: number): number {
    const at = this.length
    const need = at + n
    if (need > this.bytes.length) this.#grow(need)
    this.length = need
    return at
  }

  #grow(need: number): void {
    let size = Math.max(this.bytes.length * 2, 64)
    while (size < need) size *= 2
    const bytes = new Uint8Array(size)
    bytes.set(this.bytes.subarray(0, this.length))
    this.bytes = bytes
    this.view = new DataView(bytes.buffer)
  }

  u8(n: number): this {
    const at = this.reserve(1)
    this.bytes[at] = n
    return this
  }
  u16(n: number): this {
    const at = this.reserve(2)
    this.view.setUint16(at, n, true)
    return this
  }
  u32(n: number): this {
    const at = this.reserve(4)
    this.view.setUint32(at, n, true)
    return this
  }
  u64(n: bigint): this {
    const at = this.reserve(8)
    this.view.setBigUint64(at, n, true)
    return this
  }
  /** An unsigned 64-bit number given as a safe integer; allocates nothing. */
  u64n(n: number): this {
    const at = this.reserve(8)
    this.view.setUint32(at, n >>> 0, true)
    this.view.setUint32(at + 4, Math.floor(n / 0x1_0000_0000), true)
    return this
  }
  raw(bytes: Uint8Array): this {
    const at = this.reserve(bytes.length)
    this.bytes.set(bytes, at)
    return this
  }
  zeros(n: number): this {
    const at = this.reserve(n)
    this.bytes.fill(0, at, at + n)
    return this
  }
  /** Zeros up to the next multiple of 4. */
  pad(): this {
    const n = align4(this.length) - this.length
    return n > 0 ? this.zeros(n) : this
  }

  /** Opens an attribute whose payload follows; returns the mark for `end`. `type` carries its flag bits, if any. */
  begin(type: number): number {
    const at = this.reserve(4)
    this.view.setUint16(at + 2, type, true)
    return at
  }
  /** Opens a nest with the NESTED bit. */
  beginNest(id: number): number {
    return this.begin(id | NESTED)
  }
  /** Closes what `begin` opened: fills in the length and pads. */
  end(mark: number): this {
    const length = this.length - mark
    if (length > MAX_ATTR) tooLong(length - 4)
    this.view.setUint16(mark, length, true)
    return this.pad()
  }
  /** Takes back everything since `mark`. */
  cancel(mark: number): this {
    this.length = mark
    return this
  }

  #attr(type: number, payload: number): number {
    if (payload > MAX_ATTR - 4) tooLong(payload)
    const at = this.reserve(4 + align4(payload))
    this.view.setUint32(at, (4 + payload) | (type << 16), true)
    return at + 4
  }
  attrFlag(id: number): this {
    this.#attr(id, 0)
    return this
  }
  attrU8(id: number, n: number): this {
    const at = this.#attr(id, 1) // first: it may replace the view
    this.view.setUint32(at, n & 0xff, true)
    return this
  }
  attrU16(id: number, n: number): this {
    const at = this.#attr(id, 2)
    this.view.setUint32(at, n & 0xffff, true)
    return this
  }
  attrU32(id: number, n: number): this {
    const at = this.#attr(id, 4)
    this.view.setUint32(at, n, true)
    return this
  }
  attrU64(id: number, n: bigint): this {
    const at = this.#attr(id, 8)
    this.view.setBigUint64(at, n, true)
    return this
  }
  /** An unsigned integer attribute of 4 bytes, or of 8 if it does not fit (`uint` of the YNL specs). */
  attrUint(id: number, n: number): this {
    if (n <= 0xffff_ffff) return this.attrU32(id, n)
    const at = this.#attr(id, 8)
    this.view.setUint32(at, n >>> 0, true)
    this.view.setUint32(at + 4, Math.floor(n / 0x1_0000_0000), true)
    return this
  }
  attrBytes(id: number, payload: Uint8Array): this {
    const at = this.#attr(id, payload.length)
    this.bytes.set(payload, at)
    this.bytes.fill(0, at + payload.length, this.length)
    return this
  }
  /** A string attribute, with its NUL. */
  attrString(id: number, text: string): this {
    const n = text.length
    const at = this.#attr(id, n + 1)
    const bytes = this.bytes
    for (let i = 0; i < n; i++) {
      const c = text.charCodeAt(i)
      if (c > 127) {
        this.length = at - 4
        const utf8 = encodeText(text)
        const mark = this.begin(id)
        return this.raw(utf8).u8(0).end(mark)
      }
      bytes[at + i] = c
    }
    bytes.fill(0, at + n, this.length)
    return this
  }
}
