/** Bytes that are written one after the other, in the encodings of WebAssembly's binary format. */
export class ByteSink {
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  /** What was written so far; a view that the next write may leave behind. */
  get view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }

  u8(byte: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1)
    this.#bytes[this.#length++] = byte
  }

  /** An unsigned number below 2^32, as LEB128. */
  u32(value: number): void {
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.u8((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.u8(rest)
  }

  /** A signed number of 32 bits, as LEB128; sign-extended it is also how a number of 64 bits is written. */
  s32(value: number): void {
    let rest = value | 0
    while (rest < -64 || rest > 63) {
      this.u8((rest & 0x7f) | 0x80)
      rest >>= 7
    }
    this.u8(rest & 0x7f)
  }

  /** A signed number of 64 bits in two halves of 32, as LEB128. */
  s64(low: number, high: number): void {
    let lo = low | 0
    let hi = high | 0
    while (hi !== lo >> 31 || lo < -64 || lo > 63) {
      this.u8((lo & 0x7f) | 0x80)
      lo = (lo >>> 7) | (hi << 25)
      hi >>= 7
    }
    this.u8(lo & 0x7f)
  }

  /** A name: its length, then its characters, which are ASCII. */
  name(text: string): void {
    this.u32(text.length)
    for (let i = 0; i < text.length; i++) this.u8(text.charCodeAt(i))
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more))
    grown.set(this.view)
    this.#bytes = grown
  }
}
