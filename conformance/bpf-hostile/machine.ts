import {
  createMap,
  type Helper,
  MAP_HEADER_BYTES,
  MAP_TYPES,
  type MapFacts,
  type MapMemory,
  mapHelpers,
  noInvoke,
  STACK_BYTES,
  type WasmMachine,
  type Window,
} from '@netkit/bpf'

const PAGES = 16
const PAGE_BYTES = 65_536
/** Bytes between what belongs to a program: nobody may touch them. */
const GAP = 512
const CANARY = 0xa5
const CONTEXT_BYTES = 192
const PACKET_BYTES = 128
/** Where `struct __sk_buff` and `struct xdp_md` have their pointers. */
const POINTERS = { schedCls: { data: 76, end: 80, meta: 140 }, xdp: { data: 0, end: 4, meta: 8 } } as const
/** Backward jumps and calls of a run. */
const BUDGET = 3000

/** Memory with a context, a packet, a stack and maps in it, a gap around each. */
export class HostileMachine implements MapMemory {
  readonly memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES })
  readonly u8 = new Uint8Array(this.memory.buffer)
  readonly view = new DataView(this.memory.buffer)
  readonly machine: WasmMachine
  readonly context: number
  readonly stackTop: number
  readonly handles: readonly number[]
  /** What a program may touch, without its stack. */
  readonly windows: readonly Window[]
  readonly #packet: number
  readonly #start: Uint8Array
  readonly #gaps: (readonly [number, number])[] = []
  #next = 4096

  constructor(maps: readonly MapFacts[]) {
    this.context = this.#owned(CONTEXT_BYTES)
    this.#packet = this.#owned(PACKET_BYTES)
    const resultCell = this.#owned(8)
    const tailCallCell = this.#owned(8)
    this.stackTop = this.#owned(STACK_BYTES) + STACK_BYTES
    this.handles = maps.map((facts, i) => createMap(this, { ...facts, id: i + 1, seed: 1 }))
    const windows = [
      { start: this.context, end: this.context + CONTEXT_BYTES, writable: true },
      { start: this.#packet, end: this.#packet + PACKET_BYTES, writable: true },
    ]
    for (const [i, facts] of maps.entries()) {
      const bytes = MAP_TYPES.get(facts.type)?.bytes({ ...facts, id: i + 1, seed: 1 }) ?? 0
      const start = this.handles[i] + MAP_HEADER_BYTES
      if (this.handles[i] > 0) windows.push({ start, end: start + bytes, writable: true })
    }
    this.windows = windows
    const helpers = new Map<number, Helper>(mapHelpers(this))
    for (const [id, name] of [
      [5, 'ktime_get_ns'],
      [7, 'get_prandom_u32'],
    ] as const) {
      helpers.set(id, { name, args: [], returns: 'u32', body: () => 0x9e3779b9 | 0 })
    }
    const kfuncs = new Map<number, Helper>()
    this.machine = { memory: this.memory, helpers, kfuncs, resultCell, tailCallCell, budget: BUDGET, invoke: noInvoke }
    for (const [from, to] of this.#gaps) this.u8.fill(CANARY, from, to)
    this.#start = this.u8.slice(0, this.#next)
  }

  /** Everything as it was before the first run, for a program of a type. */
  reset(type: 'schedCls' | 'xdp'): void {
    this.u8.set(this.#start)
    const { data, end, meta } = POINTERS[type]
    for (let i = 0; i < PACKET_BYTES; i++) this.u8[this.#packet + i] = (i * 37) & 0xff
    this.view.setUint32(this.context + data, this.#packet, true)
    this.view.setUint32(this.context + end, this.#packet + PACKET_BYTES, true)
    this.view.setUint32(this.context + meta, this.#packet, true)
  }

  /** The first byte between what belongs to programs that somebody wrote to; -1 if there is none. */
  spoilt(): number {
    for (const [from, to] of this.#gaps) for (let at = from; at < to; at++) if (this.u8[at] !== CANARY) return at
    return -1
  }

  /** What programs have written, without their stacks, to be compared. */
  contents(): Uint8Array {
    return this.u8.slice(this.#packet, this.#packet + PACKET_BYTES)
  }

  #owned(bytes: number): number {
    this.#gaps.push([this.#next, this.#next + GAP])
    const at = this.#next + GAP
    this.#next = (at + bytes + 4095) & -4096
    this.#gaps.push([at + ((bytes + 7) & -8), Math.min(this.#next, at + bytes + GAP)])
    return at
  }

  reserve(bytes: number): number {
    return this.#next + bytes + 2 * GAP > PAGES * PAGE_BYTES ? 0 : this.#owned(bytes)
  }

  release(): void {
    // Maps live as long as the machine.
  }
}
