import { BpfFault, type Engine, noInvoke, STACK_BYTES, type WasmMachine } from '@netkit/bpf'
import type { BpfCase, BpfRun } from './case-file.ts'

/** An engine of a new machine. */
export interface EngineKind {
  readonly name: string
  open(machine: WasmMachine): Engine
  /** Case files that it cannot run, and why. */
  readonly skips?: Readonly<Record<string, string>>
}

/** What came out of a run: `0x…` or `error KIND SLOT`, and the block of memory. */
export interface Outcome {
  readonly result: string
  readonly after: Uint8Array
}

const PAGE = 65536
const FRAME_TOP = PAGE + STACK_BYTES
/** Address of the block. What lies around it belongs to nobody. */
const BLOCK = FRAME_TOP + PAGE

/** Runs a case's program over a block of memory, without helpers, unverified. */
export function runCase(kind: EngineKind, { code }: BpfCase, run: BpfRun): Outcome {
  const memory = new WebAssembly.Memory({ initial: BLOCK / PAGE + 1 + Math.ceil(run.memory.length / PAGE) })
  const machine: WasmMachine = { memory, helpers: new Map(), kfuncs: new Map(), resultCell: 8, invoke: noInvoke }
  new Uint8Array(memory.buffer).set(run.memory, BLOCK)
  const windows = [{ start: BLOCK, end: BLOCK + run.memory.length, writable: true }]
  const runnable = kind.open(machine).load({ number: 1, name: 'case', code, unverified: { windows } })
  let result: string
  try {
    result = `0x${runnable.run64(BLOCK, run.memory.length, FRAME_TOP).toString(16)}`
  } catch (error) {
    if (!(error instanceof BpfFault)) throw error
    result = `error ${error.kind} ${error.slot}`
  }
  return { result, after: new Uint8Array(memory.buffer, BLOCK, run.memory.length).slice() }
}
