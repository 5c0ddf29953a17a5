import { createHash } from 'node:crypto'
import { BPF_COMMANDS, makeStruct, PROG_TYPE, readStruct } from '@netkit/bpf'
import { Kernel, openDoors, simulatedWorld } from '@netkit/kernel'
import { type BpfDoor, type BpfMemory, KernelError } from '@netkit/netlink'
import { MAP, type XdpRun } from './generate.ts'

const C = BPF_COMMANDS
const ENOSPC = 28
const DEVMAP = 14
const LD_IMM64 = 0x18

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Bytes, or what stands for many; as record.py has them. */
const told = (bytes: Uint8Array): string =>
  bytes.length <= 256 ? hex(bytes) : createHash('sha256').update(bytes).digest('hex')

/** Plays recorded test runs on an embedded kernel. */
export class XdpRunner {
  readonly #door: BpfDoor
  #map = -1

  constructor() {
    const kernel = new Kernel({ world: simulatedWorld(1) })
    const { bpf } = openDoors(kernel, kernel.createProcess())
    if (!bpf) throw new Error('an embedded kernel has a bpf door')
    this.#door = bpf
  }

  #memory(bytes: Uint8Array | number): BpfMemory {
    const memory = this.#door.memory(typeof bytes === 'number' ? bytes : bytes.length)
    if (typeof bytes !== 'number') memory.bytes.set(bytes)
    return memory
  }

  async #call(id: number, attr: Uint8Array, memory: readonly BpfMemory[]): Promise<number> {
    try {
      return await this.#door.call(id, attr, { memory })
    } catch (e) {
      if (e instanceof KernelError) return -e.errno
      throw e
    }
  }

  async open(): Promise<void> {
    const shape = { mapType: DEVMAP, keySize: 4, valueSize: 4, maxEntries: 4 }
    this.#map = await this.#call(C.mapCreate.id, makeStruct(C.mapCreate.attr, shape), [])
    const one = this.#memory(Uint8Array.of(1, 0, 0, 0))
    const entry = { mapFd: this.#map, key: one.address, value: one.address }
    await this.#call(C.mapUpdateElem.id, makeStruct(C.mapUpdateElem.attr, entry), [one])
  }

  async #load({ insns, progFlags }: XdpRun): Promise<number> {
    const code = Uint8Array.from(Buffer.from(insns, 'hex'))
    const view = new DataView(code.buffer)
    for (let at = 0; at < code.length; at += 8) {
      if (code[at] === LD_IMM64 && view.getInt32(at + 4, true) === MAP) view.setInt32(at + 4, this.#map, true)
    }
    const [text, license] = [this.#memory(code), this.#memory(new TextEncoder().encode('GPL\0'))]
    const values = {
      progType: PROG_TYPE.xdp,
      insnCnt: code.length / 8,
      insns: text.address,
      license: license.address,
      progFlags,
    }
    return this.#call(C.progLoad.id, makeStruct(C.progLoad.attr, values), [text, license])
  }

  async run(run: XdpRun): Promise<object> {
    const progFd = await this.#load(run)
    if (progFd < 0) return { load: progFd }
    const data = this.#memory(Uint8Array.from({ length: run.size }, (_, i) => (7 * i + run.first) & 0xff))
    const out = this.#memory(run.room)
    const given = this.#memory(Buffer.from(run.context ?? '', 'hex'))
    const back = this.#memory(run.contextRoom)
    const attr = makeStruct(C.progTestRun.attr, {
      progFd,
      dataSizeIn: run.size,
      dataSizeOut: run.room,
      dataIn: data.address,
      dataOut: run.room === 0 ? 0n : out.address,
      repeat: run.repeat,
      ctxSizeIn: run.context === undefined ? 0 : 24,
      ctxSizeOut: run.contextRoom,
      ctxIn: run.context === undefined ? 0n : given.address,
      ctxOut: run.contextRoom === 0 ? 0n : back.address,
      flags: run.flags,
      batchSize: run.batch,
    })
    const result = await this.#call(C.progTestRun.id, attr, [data, out, given, back])
    await this.#door.closeFile(progFd)
    const { retval, dataSizeOut, ctxSizeOut } = readStruct(C.progTestRun.attr, attr)
    return {
      result,
      ...((result === 0 || result === -ENOSPC) && {
        verdict: retval,
        size: dataSizeOut,
        data: told(out.bytes.subarray(0, Math.min(dataSizeOut, run.room))),
      }),
      ...(result === 0 && run.contextRoom > 0 && { contextSize: ctxSizeOut, context: hex(back.bytes) }),
    }
  }
}
