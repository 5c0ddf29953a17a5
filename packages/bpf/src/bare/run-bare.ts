import type { Code } from '../isa/code.ts'
import type { Engine } from '../run/engine.ts'
import { STACK_BYTES } from '../run/limits.ts'
import { noInvoke } from '../run/machine.ts'
import type { WasmMachine } from '../wasm/engine.ts'

const PAGE = 65536
const FRAME_TOP = PAGE + STACK_BYTES
/** Address of the block. What lies around it belongs to nobody. */
export const BARE_BLOCK = FRAME_TOP + PAGE

/** A bare program that is ready to run over its block of memory. */
export interface BareProgram {
  /** Runs with R1 = the block's address and R2 = its length; returns R0, unsigned. Throws BpfFault. A later run finds what this one wrote. */
  run(): bigint
  /** The block as it is now. */
  memory(): Uint8Array
}

/** Loads a program that nobody verified, without helpers or maps, for a block of memory and its stack alone. */
export function loadBare(code: Code, block: Uint8Array, open: (machine: WasmMachine) => Engine): BareProgram {
  const memory = new WebAssembly.Memory({ initial: BARE_BLOCK / PAGE + 1 + Math.ceil(block.length / PAGE) })
  new Uint8Array(memory.buffer).set(block, BARE_BLOCK)
  const machine: WasmMachine = {
    memory,
    helpers: new Map(),
    kfuncs: new Map(),
    resultCell: 8,
    tailCallCell: 16,
    invoke: noInvoke,
  }
  const windows = [{ start: BARE_BLOCK, end: BARE_BLOCK + block.length, writable: true }]
  const runnable = open(machine).load({ number: 1, name: 'bare', code, unverified: { windows } })
  return {
    run: () => runnable.run64(BARE_BLOCK, block.length, FRAME_TOP),
    memory: () => new Uint8Array(memory.buffer, BARE_BLOCK, block.length).slice(),
  }
}
