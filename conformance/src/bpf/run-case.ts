import { BpfFault, type Engine, loadBare, type WasmMachine } from '@netkit/bpf'
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

/** Runs a case's program over a block of memory, without helpers, unverified. */
export function runCase(kind: EngineKind, { code }: BpfCase, run: BpfRun): Outcome {
  const program = loadBare(code, run.memory, kind.open)
  let result: string
  try {
    result = `0x${program.run().toString(16)}`
  } catch (error) {
    if (!(error instanceof BpfFault)) throw error
    result = `error ${error.kind} ${error.slot}`
  }
  return { result, after: program.memory() }
}
