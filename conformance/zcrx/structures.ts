import type { KernelDoors, MappedMemory } from '@netkit/netlink'

/** A field: its size in bits and its offset. */
type Field = readonly [8 | 16 | 32 | 64, number]
export type Fields = Readonly<Record<string, number | string>>

/** The same structures, by the same names, as in structures.py. */
const LAYOUTS: Readonly<Record<string, { readonly size: number; readonly fields: Readonly<Record<string, Field>> }>> = {
  reg: {
    size: 96,
    fields: {
      if_idx: [32, 0],
      if_rxq: [32, 4],
      rq_entries: [32, 8],
      flags: [32, 12],
      area_ptr: [64, 16],
      region_ptr: [64, 24],
      zcrx_id: [32, 64],
      rx_buf_len: [32, 68],
      event_desc: [64, 72],
      reserved: [64, 80],
    },
  },
  area: {
    size: 48,
    fields: {
      addr: [64, 0],
      len: [64, 8],
      rq_area_token: [64, 16],
      flags: [32, 24],
      dmabuf_fd: [32, 28],
      reserved: [64, 32],
    },
  },
  region: {
    size: 64,
    fields: {
      user_addr: [64, 0],
      size: [64, 8],
      flags: [32, 16],
      id: [32, 20],
      mmap_offset: [64, 24],
      reserved: [64, 32],
    },
  },
  event: {
    size: 96,
    fields: { user_data: [64, 0], type_mask: [32, 8], flags: [32, 12], stats_offset: [64, 16], reserved: [64, 24] },
  },
  ctrl: {
    size: 72,
    fields: { zcrx_id: [32, 0], op: [32, 4], reserved: [64, 8], data: [64, 24], data2: [64, 32] },
  },
  sqe: {
    size: 64,
    fields: {
      opcode: [8, 0],
      flags: [8, 1],
      ioprio: [16, 2],
      fd: [32, 4],
      off: [64, 8],
      addr: [64, 16],
      len: [32, 24],
      msg_flags: [32, 28],
      user_data: [64, 32],
      zcrx_id: [32, 44],
      addr3: [64, 48],
    },
  },
}

/** What addresses in cases are called by: `mem`, `ring`, `structs`, `hole` and `bad` (nothing there), with `+bytes`. */
export class CaseMemory {
  readonly memory: WebAssembly.Memory
  readonly #at: Record<string, number>
  readonly #maps: readonly MappedMemory[]

  constructor(doors: KernelDoors) {
    if (!doors.memory) throw new Error('this kernel shares no memory')
    const { memory } = doors
    this.#maps = [65536, 65536, 4096].map((bytes) => memory.map(bytes))
    const [mem, ring, structs] = this.#maps.map((map) => map.address)
    this.memory = memory.memory
    this.#at = { mem, ring, structs, hole: 0x7000_0000, bad: 8 }
  }

  /** Gives a number a name: that of a descriptor. */
  name(name: string, value: number): void {
    this.#at[name] = value
  }

  value(text: number | string): bigint {
    if (typeof text === 'number') return BigInt(text)
    const [base, more] = text.split('+')
    return (Object.hasOwn(this.#at, base) ? BigInt(this.#at[base]) : BigInt(base)) + BigInt(more ?? 0)
  }

  address(text: string): number {
    return Number(this.value(text))
  }

  get view(): DataView {
    return new DataView(this.memory.buffer)
  }

  /** Writes a structure; fields that are not named are 0. */
  put(kind: string, address: number, fields: Fields): void {
    const { size, fields: layout } = LAYOUTS[kind]
    const { view } = this
    for (let at = 0; at < size; at++) view.setUint8(address + at, 0)
    for (const [name, value] of Object.entries(fields)) {
      const [bits, offset] = layout[name]
      const n = this.value(value)
      if (bits === 8) view.setUint8(address + offset, Number(n))
      else if (bits === 16) view.setUint16(address + offset, Number(n), true)
      else if (bits === 32) view.setUint32(address + offset, Number(n), true)
      else view.setBigUint64(address + offset, n, true)
    }
  }
}
