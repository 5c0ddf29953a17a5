import {
  createMap,
  decode,
  MAP_HEADER,
  MAP_TYPE,
  type Machine,
  type MapMemory,
  mapHelpers,
  noInvoke,
  type Runnable,
  STACK_BYTES,
  updateElement,
  wasmEngine,
} from '@netkit/bpf'
import type { ObjectProgram } from './bpf-object.ts'

/** Field offsets of `__sk_buff`. */
const SKB = { len: 0, data: 76, dataEnd: 80 }
const SKB_BYTES = 192
const MEMORY_PAGES = 256

/** Maps of the benchmarks' programs: type, sizes of key and value, entries. */
const MAPS: Readonly<Record<string, readonly [type: number, keySize: number, valueSize: number, maxEntries: number]>> =
  {
    rules: [MAP_TYPE.array, 4, 24, 64],
    rule_table: [MAP_TYPE.array, 4, 24 * 64, 1],
    by_protocol: [MAP_TYPE.percpuArray, 4, 16, 256],
    by_flow: [MAP_TYPE.hash, 16, 16, 1024],
    backends: [MAP_TYPE.hash, 8, 8, 256],
  }

/** A machine of nothing but memory, maps and the compiler. */
export class BpfMachine {
  readonly memory: WebAssembly.Memory
  readonly fp: number
  readonly engine
  readonly #maps = new Map<string, number>()
  readonly #store: MapMemory
  readonly #numbers = new Map<string, number>()
  #next = 8192

  constructor() {
    const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES, shared: true })
    this.memory = memory
    const view = new DataView(memory.buffer)
    this.#store = {
      view,
      u8: new Uint8Array(memory.buffer),
      reserve: (bytes) => this.reserve(bytes),
      release: () => undefined,
    }
    this.fp = this.reserve(STACK_BYTES) + STACK_BYTES
    const machine: Machine & { memory: WebAssembly.Memory } = {
      memory,
      helpers: mapHelpers(this.#store),
      kfuncs: new Map(),
      resultCell: this.reserve(8),
      invoke: noInvoke,
    }
    this.engine = wasmEngine(machine)
    for (const [name, [type, keySize, valueSize, maxEntries]] of Object.entries(MAPS)) {
      this.#maps.set(
        name,
        createMap(this.#store, {
          type,
          keySize,
          valueSize,
          maxEntries,
          flags: 0,
          id: this.#maps.size + 1,
          seed: 0x1234567,
        }),
      )
    }
    for (const name of ['stages', 'steps']) this.#makeProgArray(name, 8)
  }

  reserve(bytes: number): number {
    const at = this.#next
    this.#next += (bytes + 63) & -64
    return at
  }

  #makeProgArray(name: string, entries: number): void {
    const map = this.reserve(64)
    const { view } = this.#store
    view.setUint32(map + MAP_HEADER.TYPE, MAP_TYPE.progArray, true)
    view.setUint32(map + MAP_HEADER.MAX_ENTRIES, entries, true)
    view.setUint32(map + MAP_HEADER.VALUES, this.reserve(4 * entries), true)
    this.#maps.set(name, map)
  }

  load({ name, bytes, maps }: ObjectProgram): Runnable {
    const code = decode(bytes)
    for (const { slot, name: map } of maps) code.imm[slot] = this.#maps.get(map)!
    this.#numbers.set(name, this.#numbers.get(name) ?? this.#numbers.size + 1)
    return this.engine.load({ number: this.#numbers.get(name)!, name, code })
  }

  stage(name: string, index: number, program: string): void {
    const { view } = this.#store
    view.setUint32(
      view.getUint32(this.#maps.get(name)! + MAP_HEADER.VALUES, true) + 4 * index,
      this.#numbers.get(program)!,
      true,
    )
  }

  update(name: string, key: Uint8Array, value: Uint8Array): void {
    const at = this.reserve(key.length)
    const to = this.reserve(value.length)
    this.#store.u8.set(key, at)
    this.#store.u8.set(value, to)
    const result = updateElement(this.#store, this.#maps.get(name)!, at, to, 0)
    if (result < 0) throw new Error(`update of ${name}: ${result}`)
  }

  /** Puts a packet into memory; the address of its context. */
  packet(bytes: Uint8Array): number {
    const { view, u8 } = this.#store
    const data = this.reserve(bytes.length)
    u8.set(bytes, data)
    const context = this.reserve(SKB_BYTES)
    view.setUint32(context + SKB.len, bytes.length, true)
    view.setUint32(context + SKB.data, data, true)
    view.setUint32(context + SKB.dataEnd, data + bytes.length, true)
    return context
  }
}
