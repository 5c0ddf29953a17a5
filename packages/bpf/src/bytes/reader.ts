import { FormatError } from './error.ts'

const TEXT = new TextDecoder()

/** Little-endian reads from bytes that may hold anything: what lies outside throws a FormatError with its offset. */
export class Reader {
  readonly bytes: Uint8Array
  readonly what: string
  private readonly view: DataView

  /** @param what names the bytes in errors, such as `BTF`. */
  constructor(bytes: Uint8Array, what: string) {
    this.bytes = bytes
    this.what = what
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get length(): number {
    return this.bytes.length
  }

  u8(at: number): number {
    this.need(at, 1)
    return this.view.getUint8(at)
  }

  u16(at: number): number {
    this.need(at, 2)
    return this.view.getUint16(at, true)
  }

  u32(at: number): number {
    this.need(at, 4)
    return this.view.getUint32(at, true)
  }

  i32(at: number): number {
    return this.u32(at) | 0
  }

  /** A 64-bit number that has to be a safe integer. */
  u64(at: number): number {
    this.need(at, 8)
    const value = Number(this.view.getBigUint64(at, true))
    if (!Number.isSafeInteger(value)) this.fail(`number ${value} is too big`, at)
    return value
  }

  slice(at: number, length: number): Uint8Array {
    this.need(at, length)
    return this.bytes.subarray(at, at + length)
  }

  /** The text from `at` up to a zero byte, which has to come before `end`. */
  string(at: number, end = this.length): string {
    const stop = at < end ? this.bytes.indexOf(0, at) : -1
    if (stop < 0 || stop >= end) this.fail('a string has no end', at)
    return TEXT.decode(this.bytes.subarray(at, stop))
  }

  need(at: number, length: number): void {
    if (at < 0 || length < 0 || at + length > this.length)
      this.fail(`${length} bytes are needed, ${this.length} are there`, at)
  }

  fail(message: string, at: number): never {
    throw new FormatError(this.what, message, at)
  }
}
