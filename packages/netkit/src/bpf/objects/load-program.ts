import { BPF_COMMANDS, FUNC_INFO_BYTES, LINE_INFO_BYTES } from '@netkit/bpf'
import type { BpfMemory, KernelError } from '@netkit/netlink'
import type { BpfCalls } from '../calls.ts'
import { Program } from '../files/program.ts'
import { lastSlot, type SourceLine, VerifierError } from './verifier-error.ts'

/** A program as PROG_LOAD wants it. */
export interface ProgramImage {
  readonly name: string
  /** PROG_TYPE. */
  readonly type: number
  /** ATTACH_TYPE, or 0. */
  readonly attachType: number
  /** PROG_FLAG. */
  readonly flags: number
  readonly license: string
  /** Instructions, 8 bytes each. */
  readonly code: Uint8Array
  /** Types, and records of functions and lines in them. */
  readonly info?: { readonly btfFd: number; readonly functions: Uint8Array; readonly lines: Uint8Array }
  /** The source of an instruction. */
  readonly sourceOf?: (slot: number) => SourceLine | undefined
}

/** BPF_LOG_LEVEL1: what the verifier does, and why it refuses. */
const VERBOSE = 1
const FIRST_LOG = 1 << 16
const MOST_LOG = 1 << 26
/** Refusals that no log says more about. */
const SILENT: ReadonlySet<string> = new Set(['EPERM', 'EBADF', 'ENOMEM', 'EFAULT'])
const NAME_LENGTH = 15

/** Loads a program. Rejects with a VerifierError with the log, or a KernelError where there is nothing to say. */
export async function loadProgram(calls: BpfCalls, image: ProgramImage): Promise<Program> {
  const first = await attemptLoad(calls, image, undefined)
  if (!first.refusal) return new Program(calls, first.fd, image.name)
  if (SILENT.has(first.refusal.code)) throw first.refusal
  throw await explained(calls, image, first.refusal)
}

/** What the verifier writes about a program, accepted or not. */
export async function verifierLog(calls: BpfCalls, image: ProgramImage): Promise<string> {
  const { log, fd } = await withLog(calls, image)
  if (fd >= 0) await calls.door('verify').closeFile(fd)
  return log
}

async function explained(calls: BpfCalls, image: ProgramImage, refusal: KernelError): Promise<VerifierError> {
  const { log, fd } = await withLog(calls, image)
  // Refused for a reason that has gone, such as signals.
  if (fd >= 0) await calls.door('load').closeFile(fd)
  const slot = lastSlot(log)
  return new VerifierError(image.name, refusal, log, slot === undefined ? undefined : image.sourceOf?.(slot))
}

async function withLog(calls: BpfCalls, image: ProgramImage): Promise<{ log: string; fd: number }> {
  for (let size = FIRST_LOG; ; size *= 8) {
    const buffer = calls.door('load').memory(size)
    const { fd, refusal } = await attemptLoad(calls, image, buffer)
    if (refusal?.code === 'ENOSPC' && size < MOST_LOG) continue
    const end = buffer.bytes.indexOf(0)
    return { log: new TextDecoder().decode(buffer.bytes.slice(0, end < 0 ? size : end)), fd }
  }
}

async function attemptLoad(
  calls: BpfCalls,
  { name, type, attachType, flags, license, code, info }: ProgramImage,
  log: BpfMemory | undefined,
): Promise<{ readonly fd: number; readonly refusal?: KernelError }> {
  const op = `load program ${name}`
  const [insns, text] = [calls.bytes(op, code), calls.text(op, license)]
  const functions = info && calls.bytes(op, info.functions)
  const lines = info && calls.bytes(op, info.lines)
  const { result, refusal } = await calls.attempt(BPF_COMMANDS.progLoad, {
    op,
    values: {
      progType: type,
      insnCnt: code.length / 8,
      insns: insns.address,
      license: text.address,
      progFlags: flags,
      progName: name.slice(0, NAME_LENGTH),
      expectedAttachType: attachType,
      ...(log && { logLevel: VERBOSE, logSize: log.bytes.length, logBuf: log.address }),
      ...(info && {
        progBtfFd: info.btfFd,
        funcInfoRecSize: FUNC_INFO_BYTES,
        funcInfo: functions?.address,
        funcInfoCnt: info.functions.length / FUNC_INFO_BYTES,
        lineInfoRecSize: LINE_INFO_BYTES,
        lineInfo: lines?.address,
        lineInfoCnt: info.lines.length / LINE_INFO_BYTES,
      }),
    },
    memory: [insns, text, functions, lines, log].filter((memory) => memory !== undefined),
  })
  return { fd: result, refusal }
}
