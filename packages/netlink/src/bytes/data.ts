/** Bytes with the view to read numbers from them: what decoders take. Netlink is in host order, which is little endian here. */
export class Data {
  readonly bytes: Uint8Array
  readonly view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
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
