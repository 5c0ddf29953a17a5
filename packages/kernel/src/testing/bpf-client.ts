import {
  assemble,
  BPF_COMMANDS,
  type BpfCommand,
  encode,
  encodeBtf,
  INT_SIGNED,
  type Members,
  makeStruct,
  PROG_TYPE,
  readStruct,
  type ValuesOf,
} from '@netkit/bpf'
import { type BpfMemory, KernelError } from '@netkit/netlink'
import { bpfDoor } from '../doors/bpf.ts'
import { Kernel } from '../kernel.ts'
import { HOOK, type Hook } from '../net/device-programs.ts'
import { setFrameHeaders } from '../net/ethernet.ts'
import { COPY } from '../packet/copy-reason.ts'
import { simulatedWorld } from '../world.ts'

const C = BPF_COMMANDS
const text = (words: string): Uint8Array => new TextEncoder().encode(`${words}\0`)
export const u32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer)

/** A client of bpf(2) of a kernel of its own. */
export class BpfClient {
  readonly kernel = new Kernel({ world: simulatedWorld() })
  readonly door = bpfDoor(this.kernel, this.kernel.createProcess())

  memory(bytes: Uint8Array): BpfMemory {
    const memory = this.door.memory(bytes.length)
    memory.bytes.set(bytes)
    return memory
  }

  /** What bpf(2) returns, and its arguments afterwards. */
  async call<M extends Members>({ id, attr }: BpfCommand<M>, values: Partial<ValuesOf<M>>, memory: BpfMemory[] = []) {
    const bytes = makeStruct(attr, values)
    const result = await this.door.call(id, bytes, { memory }).catch((e: unknown) => {
      if (e instanceof KernelError) return -e.errno
      throw e
    })
    return { result, attr: readStruct(attr, bytes) }
  }

  async map(mapType: number, more: Partial<ValuesOf<typeof C.mapCreate.attr.members>> = {}): Promise<number> {
    const values = { mapType, keySize: 4, valueSize: 8, maxEntries: 16, ...more }
    const { result } = await this.call(C.mapCreate, values)
    if (result < 0) throw new Error(`MAP_CREATE: ${result}`)
    return result
  }

  async load(
    source: string,
    more: Partial<ValuesOf<typeof C.progLoad.attr.members>> = {},
    log = 0,
    told: readonly BpfMemory[] = [],
  ) {
    const insns = this.memory(encode(assemble(source)))
    const license = this.memory(text('GPL'))
    const buffer = this.door.memory(Math.max(log, 1))
    const answer = await this.call(
      C.progLoad,
      {
        progType: PROG_TYPE.schedCls,
        insnCnt: insns.bytes.length / 8,
        insns: insns.address,
        license: license.address,
        ...(log > 0 && { logLevel: 1, logSize: log, logBuf: buffer.address }),
        ...more,
      },
      [insns, license, buffer, ...told],
    )
    const said = new TextDecoder().decode(buffer.bytes.subarray(0, buffer.bytes.indexOf(0)))
    return { ...answer, said }
  }

  /** Loads types; their descriptor. */
  async types(bytes: Uint8Array): Promise<number> {
    const btf = this.memory(bytes)
    return (await this.call(C.btfLoad, { btf: btf.address, btfSize: bytes.length }, [btf])).result
  }

  /** Loads types, and tells those of the functions that begin at these slots: they take nothing and return an int. */
  async functions(...slots: number[]) {
    const int = { kind: 'int', name: 'int', size: 4, bits: 32, offset: 0, encoding: INT_SIGNED } as const
    const func = { kind: 'func', name: 'f', type: 2, linkage: 'static' } as const
    const types = [{ kind: 'void' }, int, { kind: 'func_proto', type: 1, params: [] }, func] as const
    const result = await this.types(encodeBtf({ types }))
    const records = this.memory(u32(...slots.flatMap((slot) => [slot, 3])))
    const values = { progBtfFd: result, funcInfo: records.address, funcInfoCnt: slots.length, funcInfoRecSize: 8 }
    return { values, memory: [records] }
  }

  /** A packet of these bytes, which begin with its Ethernet header. */
  packet(bytes: Uint8Array = new Uint8Array(64)): number {
    const { packets } = this.kernel.path
    const handle = packets.allocFromArray(bytes, COPY.userIn)
    setFrameHeaders(packets, handle)
    return handle
  }

  /** Runs the programs that were loaded last, the last one last, over a packet at `lo`. */
  run(handle = this.packet(), hook: Hook = HOOK.test, programs = 1): number {
    const { bpf, path, initialNs } = this.kernel
    const entries = [...bpf.programs.values()].slice(-programs).map((program) => ({ program, link: undefined }))
    return path.programs.run(entries, initialNs.devices.get(1)!, handle, hook)
  }

  /** The bytes of a value. */
  async value(mapFd: number, key: number, size: number): Promise<Uint8Array> {
    const keys = this.memory(u32(key))
    const values = this.door.memory(size)
    await this.call(C.mapLookupElem, { mapFd, key: keys.address, value: values.address }, [keys, values])
    return values.bytes
  }

  async lookup(mapFd: number, key: number): Promise<number | bigint> {
    const keys = this.memory(u32(key))
    const values = this.door.memory(8)
    const at = { mapFd, key: keys.address, value: values.address }
    const { result } = await this.call(C.mapLookupElem, at, [keys, values])
    return result < 0 ? result : new DataView(values.bytes.buffer, values.bytes.byteOffset).getBigUint64(0, true)
  }

  async update(mapFd: number, key: number, ...value: number[]): Promise<number> {
    const keys = this.memory(u32(key))
    const values = this.memory(u32(...value))
    const at = { mapFd, key: keys.address, value: values.address }
    return (await this.call(C.mapUpdateElem, at, [keys, values])).result
  }
}
