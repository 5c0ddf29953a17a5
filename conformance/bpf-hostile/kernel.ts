import {
  BPF_COMMANDS,
  type BpfCommand,
  type Code,
  encode,
  type MapFacts,
  type Members,
  makeStruct,
  PROG_TYPE,
  type ValuesOf,
} from '@netkit/bpf'
import { Kernel, openDoors, simulatedWorld } from '@netkit/kernel'
import { type BpfDoor, type BpfMemory, KernelError } from '@netkit/netlink'
import type { VerifyCase } from '../bpf-verify/cases.ts'

const C = BPF_COMMANDS
const CANARY = 0xa5
const GAP = 512
const PACKET_BYTES = 128
const ARRAY = 2
const KEPT = 0x1234_5678

/** An embedded kernel with maps, reached through its bpf door, and with memory between what programs own that nobody may touch. */
export class HostileKernel {
  readonly #kernel = new Kernel({ world: simulatedWorld() })
  readonly #door = doorOf(this.#kernel)
  readonly #gaps: { readonly offset: number; readonly length: number }[] = []
  readonly #packet = this.#memory(Uint8Array.from({ length: PACKET_BYTES }, (_, i) => (i * 37) & 0xff))
  readonly #fds: number[] = []
  #kept = 0

  /** Undefined: it refuses one of the maps. */
  static async with(maps: readonly MapFacts[]): Promise<HostileKernel | undefined> {
    const kernel = new HostileKernel()
    for (const { type, keySize, valueSize, maxEntries, flags } of maps) {
      const fd = await kernel.#call(C.mapCreate, { mapType: type, keySize, valueSize, maxEntries, mapFlags: flags })
      if (fd < 0) return undefined
      kernel.#fds.push(fd)
      kernel.#reserveGap()
    }
    kernel.#kept = await kernel.#call(C.mapCreate, { mapType: ARRAY, keySize: 4, valueSize: 4, maxEntries: 1 })
    const [key, value] = [kernel.#memory(new Uint8Array(4)), kernel.#memory(words(KEPT))]
    const at = { mapFd: kernel.#kept, key: key.address, value: value.address }
    await kernel.#call(C.mapUpdateElem, at, [key, value])
    kernel.#reserveGap()
    return kernel
  }

  /** Its descriptor, or -errno. */
  async load(code: Code, { type, license }: VerifyCase): Promise<number> {
    const insns = this.#memory(encode(code))
    const text = this.#memory(new TextEncoder().encode(`${license}\0`))
    const fds = this.#memory(words(...this.#fds, 0))
    const fd = await this.#call(
      C.progLoad,
      {
        progType: PROG_TYPE[type],
        insnCnt: code.length,
        insns: insns.address,
        license: text.address,
        fdArray: fds.address,
      },
      [insns, text, fds],
    )
    // The engine and the packets of the first program lie between gaps, too.
    if (this.#gaps.length <= this.#fds.length + 1) this.#reserveGap()
    return fd
  }

  /** Runs a program over a packet and closes it; what is wrong afterwards, or undefined. */
  async run(progFd: number): Promise<string | undefined> {
    const out = this.#memory(new Uint8Array(PACKET_BYTES + GAP).fill(CANARY))
    const values = { progFd, dataIn: this.#packet.address, dataSizeIn: PACKET_BYTES }
    const more = { dataOut: out.address, dataSizeOut: PACKET_BYTES }
    await this.#call(C.progTestRun, { ...values, ...more }, [this.#packet, out])
    await this.#door.closeFile(progFd)
    if (out.bytes.subarray(PACKET_BYTES).some((byte) => byte !== CANARY)) return 'more was given than was asked for'
    if (this.#packet.bytes.some((byte, i) => byte !== ((i * 37) & 0xff))) return 'the packet of the client was changed'
    return this.#spoilt() ?? (await this.#answers())
  }

  #spoilt(): string | undefined {
    const { u8 } = this.#kernel.path.packets.memory
    for (const { offset, length } of this.#gaps) {
      for (let at = offset; at < offset + length; at++)
        if (u8[at] !== CANARY) return `the kernel lets byte ${at} be written`
    }
    return undefined
  }

  /** A map that no program knows still has what it had. */
  async #answers(): Promise<string | undefined> {
    const [key, value] = [this.#memory(new Uint8Array(4)), this.#memory(new Uint8Array(4))]
    const at = { mapFd: this.#kept, key: key.address, value: value.address }
    const result = await this.#call(C.mapLookupElem, at, [key, value])
    const found = new DataView(value.bytes.buffer, value.bytes.byteOffset).getUint32(0, true)
    return result === 0 && found === KEPT ? undefined : `the kernel answers ${result}, ${found}`
  }

  #reserveGap(): void {
    const { memory } = this.#kernel.path.packets
    const region = memory.reserve('gap', GAP)
    if (!region) throw new Error('no memory')
    memory.fill(region.offset, CANARY, GAP)
    this.#gaps.push(region)
  }

  #memory(bytes: Uint8Array): BpfMemory {
    const memory = this.#door.memory(bytes.length)
    memory.bytes.set(bytes)
    return memory
  }

  /** What bpf(2) returns. Anything but an answer is thrown. */
  async #call<M extends Members>({ id, attr }: BpfCommand<M>, values: Partial<ValuesOf<M>>, memory: BpfMemory[] = []) {
    try {
      return await this.#door.call(id, makeStruct(attr, values), { memory })
    } catch (error) {
      if (error instanceof KernelError) return -error.errno
      throw error
    }
  }
}

function doorOf(kernel: Kernel): BpfDoor {
  const { bpf } = openDoors(kernel, kernel.createProcess())
  if (!bpf) throw new Error('an embedded kernel has a bpf door')
  return bpf
}

const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer)
