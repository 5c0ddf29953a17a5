import {
  assemble,
  BPF_COMMANDS,
  type BpfCommand,
  encode,
  MAP_TYPE,
  type Members,
  makeStruct,
  PROG_TYPE,
  readStruct,
  type ValuesOf,
} from '@netkit/bpf'
import { Kernel, openDoors, simulatedWorld } from '@netkit/kernel'
import { type BpfDoor, type BpfMemory, KernelError } from '@netkit/netlink'
import type { Answer, Case } from './case.ts'
import { assemblyOf, VALUE_BYTES } from './program.ts'

const C = BPF_COMMANDS
const ROOM = 70_000
const CONTEXT_BYTES = 192

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** An embedded kernel that runs cases, one after the other, as `run.py` has the machine's kernel run them. */
export class EmbeddedRunner {
  readonly #door: BpfDoor
  #map = 0

  constructor() {
    const kernel = new Kernel({ world: simulatedWorld() })
    this.#door = openDoors(kernel, kernel.createProcess()).bpf!
  }

  async #call<M extends Members>({ id, attr }: BpfCommand<M>, values: Partial<ValuesOf<M>>, memory: BpfMemory[] = []) {
    const bytes = makeStruct(attr, values)
    const result = await this.#door.call(id, bytes, { memory }).catch((e: unknown) => {
      if (e instanceof KernelError) return -e.errno
      throw e
    })
    return { result, attr: readStruct(attr, bytes) }
  }

  #memory(bytes: Uint8Array): BpfMemory {
    const memory = this.#door.memory(bytes.length)
    memory.bytes.set(bytes)
    return memory
  }

  async run(one: Case): Promise<Answer> {
    this.#map ||= (
      await this.#call(C.mapCreate, { mapType: MAP_TYPE.array, keySize: 4, valueSize: VALUE_BYTES, maxEntries: 1 })
    ).result
    const program = await this.#load(assemblyOf(one.ops, one.verdict, this.#map))
    if (typeof program !== 'number') return program
    const key = this.#memory(new Uint8Array(4))
    const value = this.#memory(new Uint8Array(VALUE_BYTES))
    const element = { mapFd: this.#map, key: key.address, value: value.address }
    await this.#call(C.mapUpdateElem, element, [key, value])
    const answer = await this.#test(program, one)
    await this.#call(C.mapLookupElem, element, [key, value])
    await this.#door.closeFile(program)
    return { ...answer, map: hex(value.bytes).replace(/(00)+$/, '') }
  }

  async #load(source: string): Promise<number | Answer> {
    const insns = this.#memory(encode(assemble(source)))
    const license = this.#memory(new TextEncoder().encode('GPL\0'))
    const log = this.#door.memory(65536)
    const values = {
      progType: PROG_TYPE.schedCls,
      insnCnt: insns.bytes.length / 8,
      insns: insns.address,
      license: license.address,
    }
    const { result } = await this.#call(C.progLoad, values, [insns, license])
    if (result > 0) return result
    await this.#call(C.progLoad, { ...values, logLevel: 1, logSize: 65536, logBuf: log.address }, [insns, license, log])
    const said = new TextDecoder().decode(log.bytes.subarray(0, log.bytes.indexOf(0)))
    return { load: result, log: said.trim().split('\n').slice(-2) }
  }

  async #test(progFd: number, one: Case): Promise<Answer> {
    const data = this.#memory(Buffer.from(one.packet, 'hex'))
    const room = one.room ?? ROOM
    const dataOut = this.#door.memory(ROOM)
    const context = Buffer.from(one.context ?? '', 'hex')
    const contextIn = this.#memory(context)
    const contextOut = this.#door.memory(256)
    const { result, attr } = await this.#call(
      C.progTestRun,
      {
        progFd,
        dataSizeIn: data.bytes.length,
        dataIn: data.address,
        dataSizeOut: room,
        dataOut: dataOut.address,
        repeat: one.repeat ?? 1,
        flags: one.flags ?? 0,
        cpu: one.cpu ?? 0,
        batchSize: one.batch ?? 0,
        ...(one.context && {
          ctxSizeIn: context.length,
          ctxIn: contextIn.address,
          ctxSizeOut: one.contextRoom ?? CONTEXT_BYTES,
          ctxOut: contextOut.address,
        }),
      },
      [data, dataOut, contextIn, contextOut],
    )
    if (result !== 0 && result !== -28) return { result }
    return {
      result,
      verdict: attr.retval,
      size: attr.dataSizeOut,
      data: hex(dataOut.bytes.subarray(0, Math.min(attr.dataSizeOut, room))),
      ...(one.context && { context: hex(contextOut.bytes.subarray(0, CONTEXT_BYTES)), contextSize: attr.ctxSizeOut }),
    }
  }
}
