import { BPF_COMMANDS, BTF_INFO, type Btf, INFO_SIZE, kernelTypes, parseBtf, writeStruct } from '@netkit/bpf'
import type { BpfCalls } from '../calls.ts'
import { objectInfo } from './info.ts'

/** Types that a kernel has, by id: read once each. */
export class KernelTypes {
  readonly #calls: BpfCalls
  readonly #known = new Map<number, Promise<Btf | undefined>>()
  #own: Promise<Btf> | undefined

  constructor(calls: BpfCalls) {
    this.#calls = calls
  }

  /** The types with an id; undefined for 0, and if they cannot be had. */
  byId(id: number): Promise<Btf | undefined> {
    if (id === 0) return Promise.resolve(undefined)
    let known = this.#known.get(id)
    if (!known) {
      known = this.#read(id).catch(() => undefined)
      this.#known.set(id, known)
    }
    return known
  }

  async #read(id: number): Promise<Btf> {
    return parseBtf(await this.bytes(id))
  }

  /** As they were loaded. KernelError ENOENT, EPERM. */
  async bytes(id: number): Promise<Uint8Array> {
    const op = `read types ${id}`
    const { result: fd } = await this.#calls.call(BPF_COMMANDS.btfGetFdById, { op, values: { id } })
    try {
      const { values } = await objectInfo(this.#calls, fd, BTF_INFO, INFO_SIZE.btf, op)
      const room = this.#calls.door(op).memory(values.btfSize)
      await objectInfo(this.#calls, fd, BTF_INFO, INFO_SIZE.btf, op, {
        write: (info) => writeStruct(BTF_INFO, info, { btf: room.address, btfSize: room.bytes.length }),
        memory: [room],
      })
      return room.bytes
    } finally {
      await this.#calls.door(op).closeFile(fd)
    }
  }

  /** Those of the kernel itself, for CO-RE and kernel functions. Linux has them as the first; they take a moment to read. */
  own(): Promise<Btf> {
    this.#own ??= this.#readOwn()
    return this.#own
  }

  async #readOwn(): Promise<Btf> {
    if (this.#calls.places.context.doors.kind === 'embedded') return kernelTypes()
    return await this.#read(VMLINUX)
  }
}

/** Id of the types of the kernel proper: they are loaded before all others. */
const VMLINUX = 1
