import {
  type BpfObject,
  type Code,
  createMap,
  identifyAll,
  linkProgram,
  MAP_HEADER,
  MAP_HEADER_BYTES,
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

/** Field offsets of `__sk_buff`. */
const SKB = { len: 0, data: 76, dataEnd: 80 }
const SKB_BYTES = 192
const MEMORY_PAGES = 256
/** Of hashes: any, but always the same. */
const SEED = 0x1234567

/** A machine of nothing but memory, maps and the compiler. */
export class BpfMachine {
  readonly memory: WebAssembly.Memory
  readonly fp: number
  readonly engine
  readonly #maps = new Map<string, number>()
  readonly #store: MapMemory
  readonly #numbers = new Map<string, number>()
  #next = 8192

  /** @param object Its maps are made. */
  constructor(object: BpfObject) {
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
      tailCallCell: this.reserve(4),
      invoke: noInvoke,
    }
    this.engine = wasmEngine(machine)
    for (const map of object.maps) this.#makeMap(map)
  }

  reserve(bytes: number): number {
    const at = this.#next
    this.#next += (bytes + 63) & -64
    return at
  }

  #makeMap({ variable, type, keySize, valueSize, maxEntries, flags }: BpfObject['maps'][number]): void {
    const id = this.#maps.size + 1
    const spec = { type, keySize, valueSize, maxEntries, flags, id, seed: SEED }
    this.#maps.set(
      variable,
      type === MAP_TYPE.progArray ? this.#makeProgArray(maxEntries) : createMap(this.#store, spec),
    )
  }

  #makeProgArray(entries: number): number {
    const map = this.reserve(MAP_HEADER_BYTES)
    const { view } = this.#store
    view.setUint32(map + MAP_HEADER.TYPE, MAP_TYPE.progArray, true)
    view.setUint32(map + MAP_HEADER.MAX_ENTRIES, entries, true)
    view.setUint32(map + MAP_HEADER.VALUES, this.reserve(4 * entries), true)
    return map
  }

  /** Loads a program; references to maps are filled in before. */
  load(name: string, code: Code): Runnable {
    const number = this.#numbers.get(name) ?? this.#numbers.size + 1
    this.#numbers.set(name, number)
    return this.engine.load({ number, name, code })
  }

  /** A program of the object, linked, with the addresses of maps in it. */
  link(object: BpfObject, name: string): Code {
    const program = object.programs.find((one) => one.name === name)!
    const { code, references } = linkProgram(object, program)
    for (const reference of references) {
      if (reference.kind !== 'map') throw new Error(`${name}: reference to a ${reference.kind}`)
      code.src[reference.slot] = 0
      code.imm[reference.slot] = this.#maps.get(object.maps[reference.map].variable)!
      code.imm[reference.slot + 1] = 0
    }
    identifyAll(code)
    return code
  }

  stage(name: string, index: number, program: string): void {
    this.engine.progArraysChanged()
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
