import {
  ATTACH_TYPE,
  BPF_COMMANDS,
  type BpfCommand,
  MAP_TYPE,
  type Members,
  makeStruct,
  PROG_TYPE,
  type ValuesOf,
} from '@netkit/bpf'
import { type Credentials, Kernel, openDoors, without } from '@netkit/kernel'
import type { BpfDoor, BpfMemory } from '@netkit/netlink'
import { bpfResult } from '../bpf-attach/call.ts'
import { loadTrivial } from '../bpf-attach/load.ts'

/** A map that the recording makes, and what came of it. */
export interface Creation {
  readonly type: number
  readonly key: number
  readonly value: number
  readonly max: number
  readonly flags: number
  readonly inner?: boolean
  readonly extra?: number
  readonly numa?: number
  readonly name?: string
  readonly ifindex?: number
  readonly btf?: number
  readonly btfKey?: number
  readonly btfValue?: number
  readonly tail?: number
  readonly caps?: string
  readonly answer: number
}

/** A value in hex, or an object as the recording calls it. */
type Value = string | readonly (string | number)[]

/** What bpf(2) returned, and the key or value that it gave. */
interface Answer {
  readonly result: number
  readonly key?: string
  readonly value?: Value
}

interface Step {
  readonly op: 'lookup' | 'update' | 'delete' | 'next' | 'pop' | 'freeze'
  readonly key?: string
  readonly value?: Value
  readonly flags?: number
  readonly answer: Answer
}

export interface Run {
  readonly name: string
  readonly map: Omit<Creation, 'answer'>
  readonly steps: readonly Step[]
}

const C = BPF_COMMANDS
const CAPS: Readonly<Record<string, number>> = { net: 12, bpf: 39 }
const INNER = { type: MAP_TYPE.array, key: 4, value: 8, max: 2, flags: 0 }
const ROOM = 64

const toHex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
const number = (bytes: Uint8Array, at = 0): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true)
const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer)

/** A client of an embedded kernel of its own, with certain capabilities. */
class Client {
  readonly door: BpfDoor

  constructor(caps = 'all') {
    const kernel = new Kernel()
    const { root } = kernel
    const credentials: Credentials = { ...root, capabilities: capabilities(root.capabilities, caps) }
    const { bpf } = openDoors(kernel, kernel.createProcess({ credentials }))
    if (!bpf) throw new Error('an embedded kernel has a bpf door')
    this.door = bpf
  }

  /** What bpf(2) returns. `more`: bytes that go over those of the values, by where they start. */
  async call<M extends Members>(
    { id, attr }: BpfCommand<M>,
    values: Partial<ValuesOf<M>>,
    memory: readonly BpfMemory[] = [],
    more: Readonly<Record<number, Uint8Array>> = {},
  ): Promise<number> {
    const bytes = new Uint8Array(96)
    bytes.set(makeStruct(attr, values))
    for (const [at, part] of Object.entries(more)) bytes.set(part, Number(at))
    return bpfResult(this.door, id, bytes, { memory })
  }

  create(m: Omit<Creation, 'answer'>, innerMapFd: number): Promise<number> {
    const values = {
      mapType: m.type,
      keySize: m.key,
      valueSize: m.value,
      maxEntries: m.max,
      mapFlags: m.flags,
      innerMapFd,
      numaNode: m.numa ?? 0,
      mapIfindex: m.ifindex ?? 0,
      btfFd: m.btf ?? 0,
      btfKeyTypeId: m.btfKey ?? 0,
      btfValueTypeId: m.btfValue ?? 0,
      mapExtra: BigInt(m.extra ?? 0),
    }
    const name = new TextEncoder().encode(m.name ?? '')
    return this.call(C.mapCreate, values, [], { [C.mapCreate.attr.members.mapName.at]: name, 92: words(m.tail ?? 0) })
  }

  /** The id of an open map or program, which stands in the second word of what is told of it. */
  async idOf(fd: number): Promise<number> {
    const memory = this.door.memory(ROOM)
    await this.call(C.objGetInfoByFd, { bpfFd: fd, infoLen: ROOM, info: memory.address }, [memory])
    return number(memory.bytes, 4)
  }
}

function capabilities(all: bigint, caps: string): bigint {
  if (caps === 'all') return all
  const kept = caps.split(' ').map((name) => CAPS[name])
  let left = all
  for (let bit = 0; bit < 64; bit++) if (!kept.includes(bit)) left = without(left, bit)
  return left
}

/** Makes the map of a row: 0, or the negative errno. */
export async function create(row: Creation): Promise<number> {
  const client = new Client(row.caps)
  // Somebody who may has made the map that is named.
  const inner = row.inner ? await client.create(INNER, 0) : 0
  return Math.min(await client.create(row, Math.max(inner, 0)), 0)
}

/** Plays the steps of a recording on an embedded kernel. */
export class Player {
  readonly #client = new Client()
  readonly #map: Run['map']
  #fd = 0
  #inners: number[] = []
  #innerIds: number[] = []
  #programs: number[] = []
  #programIds: number[] = []

  constructor(map: Run['map']) {
    this.#map = map
  }

  async open(): Promise<void> {
    const client = this.#client
    for (const more of [{}, {}, { max: 3 }, { type: MAP_TYPE.hash }]) {
      this.#inners.push(await client.create({ ...INNER, ...more }, 0))
    }
    const { schedCls, xdp } = PROG_TYPE
    const { netkitPrimary, xdpDevmap } = ATTACH_TYPE
    for (const [type, attachType] of [
      [schedCls, 0],
      [schedCls, 0],
      [schedCls, netkitPrimary],
      [xdp, 0],
      [xdp, xdpDevmap],
    ]) {
      this.#programs.push(await loadTrivial(client.door, type, attachType))
    }
    this.#innerIds = await Promise.all(this.#inners.map((fd) => client.idOf(fd)))
    this.#programIds = await Promise.all(this.#programs.map((fd) => client.idOf(fd)))
    const { type } = this.#map
    this.#fd = await client.create(
      this.#map,
      type === MAP_TYPE.arrayOfMaps || type === MAP_TYPE.hashOfMaps ? this.#inners[0] : 0,
    )
    if (this.#fd < 0) throw new Error(`the map was refused: ${this.#fd}`)
  }

  #bytesOf(value: Value): Uint8Array {
    if (typeof value === 'string') return fromHex(value)
    const [kind, n, ...rest] = value as [string, number, string, number]
    const fd = (what: string, i: number): number =>
      ({ prog: this.#programs, inner: this.#inners, closed: [4000], none: [0] })[what]?.[i] ?? 0
    return kind === 'device' ? words(n, fd(...rest)) : words(fd(kind, n))
  }

  #told(bytes: Uint8Array): Value {
    const n = bytes.length >= 4 ? number(bytes) : 0
    const { type } = this.#map
    if (type === MAP_TYPE.progArray) return ['progId', this.#programIds.indexOf(n)]
    if (type === MAP_TYPE.arrayOfMaps || type === MAP_TYPE.hashOfMaps) return ['innerId', this.#innerIds.indexOf(n)]
    if ((type === MAP_TYPE.devmap || type === MAP_TYPE.devmapHash) && bytes.length === 8) {
      return ['device', n, this.#programIds.indexOf(number(bytes, 4))]
    }
    return toHex(bytes)
  }

  async play({ op, key = '', value, flags = 0 }: Step): Promise<Answer> {
    const client = this.#client
    const keys = client.door.memory(ROOM)
    const values = client.door.memory(ROOM)
    keys.bytes.set(fromHex(key))
    if (value !== undefined) values.bytes.set(this.#bytesOf(value))
    const at = { mapFd: this.#fd, key: key === '' ? 0n : keys.address }
    const element = { ...at, value: values.address, flags: BigInt(flags) }
    const memory = [keys, values]
    if (op === 'freeze') return { result: await client.call(C.mapFreeze, { mapFd: this.#fd }) }
    if (op === 'delete') return { result: await client.call(C.mapDeleteElem, at, memory) }
    if (op === 'update') return { result: await client.call(C.mapUpdateElem, element, memory) }
    if (op === 'next') {
      const result = await client.call(C.mapGetNextKey, { ...at, nextKey: values.address }, memory)
      return result < 0 ? { result } : { result, key: toHex(values.bytes.subarray(0, this.#map.key)) }
    }
    const result = await client.call(op === 'lookup' ? C.mapLookupElem : C.mapLookupAndDeleteElem, element, memory)
    if (result < 0 || this.#map.type === MAP_TYPE.bloomFilter) return { result }
    return { result, value: this.#told(values.bytes.subarray(0, this.#map.value)) }
  }
}
