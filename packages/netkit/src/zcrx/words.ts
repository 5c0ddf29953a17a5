/** Application memory as bytes and words. Where memory is not shared, growth replaces its buffer: then there are new views. */
export class SharedWords {
  readonly memory: WebAssembly.Memory
  #buffer: ArrayBufferLike
  #u8: Uint8Array
  #i32: Int32Array

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory
    this.#buffer = memory.buffer
    this.#u8 = new Uint8Array(this.#buffer)
    this.#i32 = new Int32Array(this.#buffer)
  }

  get u8(): Uint8Array {
    if (this.#buffer !== this.memory.buffer) this.#renew()
    return this.#u8
  }

  get i32(): Int32Array {
    if (this.#buffer !== this.memory.buffer) this.#renew()
    return this.#i32
  }

  #renew(): void {
    this.#buffer = this.memory.buffer
    this.#u8 = new Uint8Array(this.#buffer)
    this.#i32 = new Int32Array(this.#buffer)
  }
}
