/**
 * Application memory as bytes and words. Where memory is not shared, growth takes its buffer away: then there are new views. Where it
 * is shared, views stay good for what there was when they were made.
 */
export class SharedWords {
  readonly memory: WebAssembly.Memory
  #u8!: Uint8Array
  #i32!: Int32Array

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory
    this.renew()
  }

  get u8(): Uint8Array {
    if (this.#u8.length === 0) this.renew()
    return this.#u8
  }

  get i32(): Int32Array {
    if (this.#i32.length === 0) this.renew()
    return this.#i32
  }

  /** After memory was mapped: it may lie where there was none before. */
  renew(): void {
    // The buffer is asked for here only: that is a call into the engine.
    const { buffer } = this.memory
    this.#u8 = new Uint8Array(buffer)
    this.#i32 = new Int32Array(buffer)
  }
}
