/** Builds captures field by field, for tests: either byte order, and also what our writers never write. */
export class CaptureBuilder {
  private readonly bytes: number[] = []
  readonly littleEndian: boolean

  constructor(littleEndian = true) {
    this.littleEndian = littleEndian
  }

  get length(): number {
    return this.bytes.length
  }

  u8(...values: number[]): this {
    this.bytes.push(...values)
    return this
  }

  u16(...values: number[]): this {
    return this.integers(2, values.map(BigInt))
  }

  u32(...values: number[]): this {
    return this.integers(4, values.map(BigInt))
  }

  u64(...values: bigint[]): this {
    return this.integers(8, values)
  }

  text(value: string): this {
    return this.u8(...new TextEncoder().encode(value))
  }

  pad(): this {
    while (this.bytes.length % 4 !== 0) this.bytes.push(0)
    return this
  }

  /** A pcapng block around what `body` adds. */
  block(type: number, body: (inner: CaptureBuilder) => unknown): this {
    const inner = new CaptureBuilder(this.littleEndian)
    body(inner)
    inner.pad()
    const length = inner.length + 12
    return this.u32(type, length)
      .u8(...inner.bytes)
      .u32(length)
  }

  option(code: number, body: (inner: CaptureBuilder) => unknown): this {
    const inner = new CaptureBuilder(this.littleEndian)
    body(inner)
    return this.u16(code, inner.length)
      .u8(...inner.bytes)
      .pad()
  }

  section(): this {
    return this.block(0x0a0d0d0a, (b) => b.u32(0x1a2b3c4d).u16(1, 0).u64(-1n))
  }

  build(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.bytes)
  }

  private integers(size: number, values: readonly bigint[]): this {
    for (const value of values) {
      const bytes = Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
      this.bytes.push(...(this.littleEndian ? bytes : bytes.reverse()))
    }
    return this
  }
}
