/**
 * Bytes with the view to read numbers from them: what decoders take. Netlink is in host order, which is little endian here.
 * `stable`: nobody writes to the bytes any more, so that decoded values may share them instead of copying.
 */
export class Data {
  readonly bytes: Uint8Array
  readonly view: DataView
  /** How many sets of attributes are being read inside one another. */
  depth = 0
  readonly stable: boolean

  constructor(bytes: Uint8Array, stable = false) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.stable = stable
  }

  /** The bytes from `start` to `end`, to keep. */
  part(start: number, end: number): Uint8Array {
    if (!this.stable) return this.bytes.slice(start, end)
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + start, end - start)
  }

  u8(at: number): number {
    return this.bytes[at]
  }
  u16(at: number): number {
    return this.view.getUint16(at, true)
  }
  u32(at: number): number {
    return this.view.getUint32(at, true)
  }
  s32(at: number): number {
    return this.view.getInt32(at, true)
  }
  u64(at: number): bigint {
    return this.view.getBigUint64(at, true)
  }
  s64(at: number): bigint {
    return this.view.getBigInt64(at, true)
  }
}

/** Some bytes are not what their table says. `offset` counts from the start of the decoded bytes. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
  readonly offset: number

  constructor(offset: number, what: string) {
    super(`byte ${offset}: ${what}`)
    this.offset = offset
  }
}
