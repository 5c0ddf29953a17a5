import { BPF_COMMANDS, ELEM_FLAG, INFO_SIZE, MAP_INFO, mapTypeName } from '@netkit/bpf'
import { InputError } from '../../input/input-error.ts'
import type { BpfCalls } from '../calls.ts'
import { BpfFile } from '../files/file.ts'
import { objectInfo } from '../files/info.ts'
import type { KernelTypes } from '../files/types.ts'
import { Elements, type MapShape } from './elements.ts'
import { PerfEvents, type PerfEventsOptions } from './perf-events.ts'
import { RingRecords } from './ring.ts'
import { type MapValue, type ValueCodec, valueCodec } from './values.ts'
import { walk } from './walk.ts'

/** What a kernel tells about a map. */
export interface MapInfo {
  readonly id: number
  /** `hash`, `lpm_trie`, …, in bpftool's spelling. */
  readonly type: string
  readonly name: string
  readonly keySize: number
  /** Of a value of one CPU, where each has its own. */
  readonly valueSize: number
  readonly maxEntries: number
  /** BPF_F_* of its making: MAP_FLAG. */
  readonly flags: number
  /** Id of the types of keys and values; 0: it has none. */
  readonly btfId: number
  /** Type ids in these. */
  readonly keyType: number
  readonly valueType: number
}

/** How elements are put in: whatever is there, only new ones, only in the place of another. */
export type UpdateMode = 'any' | 'new' | 'existing'

const MODES: Readonly<Record<UpdateMode, number>> = {
  any: ELEM_FLAG.any,
  new: ELEM_FLAG.noExist,
  existing: ELEM_FLAG.exist,
}

const align8 = (n: number): number => (n + 7) & -8

/**
 * A map. Keys and values are what their types say, or bytes where there are none; bytes are always taken. A per-CPU map has a list of values,
 * one for each CPU. Values of prog arrays and maps of maps are ids when read, and programs or maps when put in.
 */
export class BpfMap extends BpfFile {
  /** As it was when it was opened; only the rest of a map changes. */
  readonly info: MapInfo
  /** Whether each CPU has a value of its own: then those of an element are a list. */
  readonly isPerCpu: boolean
  /** Values that an element has: one for each CPU, or one. */
  readonly valuesPerElement: number
  readonly #shape: MapShape
  readonly #elements: Elements
  readonly #key: ValueCodec
  readonly #value: ValueCodec

  private constructor(calls: BpfCalls, fd: number, info: MapInfo, key: ValueCodec, value: ValueCodec) {
    super(calls, fd)
    this.info = info
    this.isPerCpu = /percpu_(hash|array)$/.test(info.type)
    this.valuesPerElement = this.isPerCpu ? calls.door('open a map').cpus : 1
    const valueSize = this.isPerCpu ? align8(info.valueSize) * this.valuesPerElement : info.valueSize
    this.#shape = { fd, label: this.label, keySize: info.keySize, valueSize }
    this.#elements = new Elements(calls, this.#shape)
    this.#key = key
    this.#value = value
  }

  /** @internal Finds out what is open as `fd`. */
  static async of(calls: BpfCalls, types: KernelTypes, fd: number): Promise<BpfMap> {
    const { values: v } = await objectInfo(calls, fd, MAP_INFO, INFO_SIZE.map, 'look at a map')
    const info: MapInfo = {
      id: v.id,
      type: mapTypeName(v.type),
      name: v.name,
      keySize: v.keySize,
      valueSize: v.valueSize,
      maxEntries: v.maxEntries,
      flags: v.mapFlags,
      btfId: v.btfId,
      keyType: v.btfKeyTypeId,
      valueType: v.btfValueTypeId,
    }
    const btf = await types.byId(info.btfId)
    const isIndex = /array$|^array_of_maps$|^(devmap|cpumap|xskmap)$/.test(info.type) && info.keySize === 4
    const key = valueCodec(info.keySize, btf, info.keyType, isIndex)
    return new BpfMap(calls, fd, info, key, valueCodec(info.valueSize, btf, info.valueType))
  }

  get label(): string {
    return `map ${this.info.name || `#${this.info.id}`}`
  }

  /** Undefined: there is no such element. KernelError EOPNOTSUPP or ENOTSUPP where the type of map has no keys to look up. */
  async lookup(key: MapValue): Promise<MapValue | undefined> {
    const bytes = await this.#elements.lookup(this.#keyBytes('look up in', key))
    return bytes && this.#decodeValue(bytes)
  }

  /** KernelError E2BIG: the map is full; EEXIST, ENOENT as `mode` wants it; EPERM: it is frozen. */
  async update(key: MapValue, value: MapValue | BpfFile, mode: UpdateMode = 'any'): Promise<void> {
    await this.#elements.update(this.#keyBytes('update', key), this.#encodeValue(value), MODES[mode])
  }

  /** Whether there was such an element. KernelError EINVAL: elements of an array cannot be deleted. */
  async delete(key: MapValue): Promise<boolean> {
    return await this.#elements.delete(this.#keyBytes('delete from', key))
  }

  /** Looks up and deletes at once. */
  async take(key: MapValue): Promise<MapValue | undefined> {
    const bytes = await this.#elements.lookupAndDelete(this.#keyBytes('take from', key))
    return bytes && this.#decodeValue(bytes)
  }

  /** All elements, each once if nobody changes the map meanwhile. */
  async *entries(): AsyncGenerator<readonly [key: MapValue, value: MapValue], void, undefined> {
    for await (const [key, value] of walk(this.calls, this.#shape)) {
      yield [this.#key.decode(key), this.#decodeValue(value)]
    }
  }

  /** The same in bytes; the values of all CPUs behind each other, each rounded up to 8 bytes. */
  rawEntries(): AsyncGenerator<readonly [key: Uint8Array, value: Uint8Array], void, undefined> {
    return walk(this.calls, this.#shape)
  }

  /** Puts a value into a queue, a stack or a bloom filter. `force`: in the place of the oldest one if it is full. */
  async push(value: MapValue, { force = false }: { readonly force?: boolean } = {}): Promise<void> {
    await this.#elements.update(NO_KEY, this.#encodeValue(value), force ? ELEM_FLAG.exist : ELEM_FLAG.any)
  }

  /** Takes the next value of a queue or stack; undefined: it is empty. */
  async pop(): Promise<MapValue | undefined> {
    const bytes = await this.#elements.lookupAndDelete(NO_KEY)
    return bytes && this.#decodeValue(bytes)
  }

  /** The next value of a queue or stack, which stays; undefined: it is empty. */
  async peek(): Promise<MapValue | undefined> {
    const bytes = await this.#elements.lookup(NO_KEY)
    return bytes && this.#decodeValue(bytes)
  }

  /** From now on requests cannot change it, only programs. */
  async freeze(): Promise<void> {
    await this.calls.call(BPF_COMMANDS.mapFreeze, { op: `freeze ${this.label}`, values: { mapFd: this.fd } })
  }

  /**
   * Reads a ring buffer: records as they come, until it is closed. A ring has one reader. KernelError EINVAL for other types of maps.
   */
  async records(): Promise<RingRecords> {
    const op = `read ${this.label}`
    if (this.info.type !== 'ringbuf')
      throw new InputError(op, 'map', `must be a ringbuf, not of type ${this.info.type}`)
    return new RingRecords(await this.calls.door(op).ring(this.fd))
  }

  /**
   * Reads a perf event array: opens a buffer for each CPU, puts it into the array in the place of who read there before, and gives what
   * programs write. KernelError EINVAL, ENOMEM for buffers that cannot be.
   */
  async perfEvents(options: PerfEventsOptions = {}): Promise<PerfEvents> {
    const op = `read ${this.label}`
    const { type, maxEntries } = this.info
    if (type !== 'perf_event_array') throw new InputError(op, 'map', `must be a perf_event_array, not of type ${type}`)
    return await PerfEvents.open(this.calls, { fd: this.fd, maxEntries }, op, options)
  }

  #keyBytes(what: string, key: MapValue): Uint8Array {
    return this.#key.encode(`${what} ${this.label}`, 'key', key)
  }

  #encodeValue(value: MapValue | BpfFile): Uint8Array {
    const op = `update ${this.label}`
    if (value instanceof BpfFile) return new Uint8Array(Uint32Array.of(value.fd).buffer)
    if (!this.isPerCpu) return this.#value.encode(op, 'value', value)
    if (value instanceof Uint8Array && value.length === this.#shape.valueSize) return value
    const values: readonly MapValue[] = Array.isArray(value) ? value : [value]
    if (values.length !== this.valuesPerElement)
      throw new InputError(op, 'value', `must be a list of ${this.valuesPerElement}, one for each CPU`)
    const bytes = new Uint8Array(this.#shape.valueSize)
    const stride = align8(this.info.valueSize)
    for (const [cpu, one] of values.entries()) bytes.set(this.#value.encode(op, `value[${cpu}]`, one), cpu * stride)
    return bytes
  }

  #decodeValue(bytes: Uint8Array): MapValue {
    if (!this.isPerCpu) return this.#value.decode(bytes)
    const stride = align8(this.info.valueSize)
    const { size } = this.#value
    const list = Array.from({ length: this.valuesPerElement }, (_, cpu) =>
      this.#value.decode(bytes.subarray(cpu * stride, cpu * stride + size)),
    )
    return list as MapValue
  }
}

const NO_KEY = new Uint8Array(0)
