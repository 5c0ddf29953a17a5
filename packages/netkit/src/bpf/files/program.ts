import {
  ATTACH_NAMES,
  type AttachName,
  BPF_COMMANDS,
  INFO_SIZE,
  LINE_INFO_BYTES,
  PROG_INFO,
  programTypeName,
  writeStruct,
} from '@netkit/bpf'
import type { BpfMemory } from '@netkit/netlink'
import { InputError, shown } from '../../input/input-error.ts'
import type { BpfCalls } from '../calls.ts'
import { BpfFile } from './file.ts'
import { objectInfo } from './info.ts'

/** What a kernel tells about a program. */
export interface ProgramInfo {
  readonly id: number
  /** `sched_cls`, `xdp`, …, in bpftool's spelling. */
  readonly type: string
  readonly name: string
  /** Hash of the instructions, 16 hexadecimal digits. */
  readonly tag: string
  readonly gplCompatible: boolean
  /** ns since boot. */
  readonly loadedAt: bigint
  readonly uid: number
  /** Bytes of instructions as they run, and of what they were compiled to; 0 where that is not told. */
  readonly xlatedBytes: number
  readonly jitedBytes: number
  readonly mapIds: readonly number[]
  /** Id of its types; 0: it has none. */
  readonly btfId: number
  /** Counted while statistics are on: see `bpf.enableStats`. */
  readonly runCount: bigint
  readonly runTimeNs: bigint
  /** Instructions that were looked at to verify it. */
  readonly verifiedInstructions: number
}

export interface TestRunOptions {
  /** The packet, from its Ethernet header on. 14 bytes at least for most types of programs. */
  readonly data?: Uint8Array
  /** `struct __sk_buff` or `struct xdp_md`, or as much of it as is to be set. */
  readonly context?: Uint8Array
  /** Times that it runs. Default: 1. */
  readonly repeat?: number
  /** Room for the packet afterwards. Default: 256 bytes more than went in. */
  readonly room?: number
  /** Of XDP programs: what they answer is done, frames are received, sent and redirected. Nothing comes back then. Default: false. */
  readonly live?: boolean
}

/** What a test run left. */
export interface TestRun {
  /** What the program returned the last time. */
  readonly retval: number
  /** ns of a run, on average. */
  readonly durationNs: number
  readonly data: Uint8Array
  readonly context: Uint8Array
}

const MOST_REPEATS = 0x7fff_ffff
const SPARE = 256
/** BPF_F_TEST_XDP_LIVE_FRAMES. */
const LIVE_FRAMES = 2

/** A loaded program. It is unloaded once it is closed, and not pinned, attached or in a map. */
export class Program extends BpfFile {
  readonly #name: string

  /** @internal */
  constructor(calls: BpfCalls, fd: number, name: string) {
    super(calls, fd)
    this.#name = name
  }

  get label(): string {
    return `program ${this.#name}`
  }

  async info(): Promise<ProgramInfo> {
    const op = `look at ${this.label}`
    const first = await objectInfo(this.calls, this.fd, PROG_INFO, INFO_SIZE.program, op)
    const { values } = first
    return {
      id: values.id,
      type: programTypeName(values.type),
      name: values.name,
      tag: tagOf(first.bytes),
      gplCompatible: (values.gplCompatible & 1) !== 0,
      loadedAt: values.loadTime,
      uid: values.createdByUid,
      xlatedBytes: values.xlatedLen,
      jitedBytes: values.jitedLen,
      mapIds: await this.#mapIds(values.nrMapIds, op),
      btfId: values.btfId,
      runCount: values.runCnt,
      runTimeNs: values.runTimeNs,
      verifiedInstructions: values.verifiedInsns,
    }
  }

  async #mapIds(nrMapIds: number, op: string): Promise<number[]> {
    if (nrMapIds === 0) return []
    const room = this.calls.door(op).memory(4 * nrMapIds)
    const { values } = await this.#infoWith(op, { nrMapIds, mapIds: room.address }, [room])
    const view = new DataView(room.bytes.buffer, room.bytes.byteOffset)
    return Array.from({ length: Math.min(nrMapIds, values.nrMapIds) }, (_, i) => view.getUint32(4 * i, true))
  }

  #infoWith(op: string, values: Parameters<typeof writeStruct<typeof PROG_INFO.members>>[2], memory: BpfMemory[]) {
    return objectInfo(this.calls, this.fd, PROG_INFO, INFO_SIZE.program, op, {
      write: (info) => writeStruct(PROG_INFO, info, values),
      memory,
    })
  }

  /**
   * Its instructions as they run, 8 bytes each, rewritten by the verifier. KernelError EPERM: addresses in them may not be seen (CAP_PERFMON
   * and CAP_SYS_ADMIN, or kernel.kptr_restrict).
   */
  async instructions(): Promise<Uint8Array> {
    const op = `read instructions of ${this.label}`
    const { values } = await objectInfo(this.calls, this.fd, PROG_INFO, INFO_SIZE.program, op)
    const room = this.calls.door(op).memory(values.xlatedLen)
    if (values.xlatedLen > 0)
      await this.#infoWith(op, { xlatedLen: room.bytes.length, xlatedInsns: room.address }, [room])
    return room.bytes
  }

  /** Where its instructions come from, in records of LINE_INFO_BYTES that refer to its types; empty if nobody said so. */
  async lineInfo(): Promise<Uint8Array> {
    const op = `read lines of ${this.label}`
    const { values } = await objectInfo(this.calls, this.fd, PROG_INFO, INFO_SIZE.program, op)
    const { nrLineInfo } = values
    const room = this.calls.door(op).memory(nrLineInfo * LINE_INFO_BYTES)
    if (nrLineInfo > 0)
      await this.#infoWith(op, { nrLineInfo, lineInfo: room.address, lineInfoRecSize: LINE_INFO_BYTES }, [room])
    return room.bytes
  }

  /**
   * Runs it over a packet, without a device: BPF_PROG_TEST_RUN. KernelError ENOTSUPP for types of programs that cannot be run so, EINVAL for
   * packets or contexts that the kernel does not take, EPERM.
   */
  async testRun(options: TestRunOptions = {}): Promise<TestRun> {
    const op = `run ${this.label}`
    const { data, context, repeat = 1, live = false } = options
    if (!Number.isInteger(repeat) || repeat < 1 || repeat > MOST_REPEATS)
      throw new InputError(op, 'repeat', `must be an integer from 1 to ${MOST_REPEATS}, not ${shown(repeat)}`)
    const dataIn = data && this.calls.bytes(op, data)
    const dataOut = this.calls.door(op).memory(data && !live ? (options.room ?? data.length + SPARE) : 0)
    const ctxIn = context && this.calls.bytes(op, context)
    const ctxOut = this.calls.door(op).memory((!live && context?.length) || 0)
    const { attr } = await this.calls.call(BPF_COMMANDS.progTestRun, {
      op,
      values: {
        progFd: this.fd,
        repeat,
        flags: live ? LIVE_FRAMES : 0,
        ...(dataIn && { dataIn: dataIn.address, dataSizeIn: dataIn.bytes.length }),
        ...(dataIn && !live && { dataOut: dataOut.address, dataSizeOut: dataOut.bytes.length }),
        ...(ctxIn && { ctxIn: ctxIn.address, ctxSizeIn: ctxIn.bytes.length }),
        ...(ctxIn && !live && { ctxOut: ctxOut.address, ctxSizeOut: ctxOut.bytes.length }),
      },
      memory: [dataIn, dataIn && dataOut, ctxIn, ctxIn && ctxOut].filter((memory) => memory !== undefined),
    })
    return {
      retval: attr.retval,
      durationNs: attr.duration,
      data: dataOut.bytes.subarray(0, attr.dataSizeOut),
      context: ctxOut.bytes.subarray(0, attr.ctxSizeOut),
    }
  }
}

const tagOf = (info: Uint8Array): string => {
  const { at, size } = PROG_INFO.members.tag
  return Array.from(info.subarray(at, at + size), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The number of a place where programs are attached. Throws InputError for a name that none has. */
export function attachType(op: string, at: AttachName): number {
  const type = Object.hasOwn(ATTACH_NAMES, at) ? ATTACH_NAMES[at] : undefined
  if (type === undefined)
    throw new InputError(op, 'at', `must be one of ${Object.keys(ATTACH_NAMES).join(', ')}, not ${shown(at)}`)
  return type
}
