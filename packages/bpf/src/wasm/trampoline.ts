import { GLOBALS, globalIndex, MAIN_PARAMETERS } from './block/context.ts'
import { PROGRAM_TABLE } from './block/tail-call.ts'
import type { Code } from './encode/code.ts'
import { ModuleWriter } from './encode/module.ts'
import { I32, I64, OP, type ValueType } from './encode/opcodes.ts'

/** The one way into compiled programs: a call site that sees many WebAssembly functions is slow, one that sees this is not. */
export interface Trampoline {
  /** Runs the program of a number; the low half of R0. */
  readonly run: (number: number, r1: number, r2: number, fp: number) => number
  /** All of R0, signed. */
  readonly run64: (number: number, r1: number, r2: number, fp: number) => bigint
  /** What stands in the table for programs that are gone. */
  readonly absent: (r1: number, r2: number, fp: number) => bigint
}

const RUN_PARAMETERS: readonly ValueType[] = [I32, ...MAIN_PARAMETERS]
const NUMBER = 0
const FP = 3

let compiled: WebAssembly.Module | undefined

/** Makes a trampoline over a table of programs; all engines share one module. */
export function makeTrampoline(imports: WebAssembly.ModuleImports): Trampoline {
  compiled ??= new WebAssembly.Module(moduleBytes())
  return new WebAssembly.Instance(compiled, { n: imports }).exports as unknown as Trampoline
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const module = new ModuleWriter()
  module.importTable('programs')
  for (const name of GLOBALS) module.importGlobal(name, I32)
  const main = module.type({ parameters: MAIN_PARAMETERS, results: [I64] })
  const run = module.define({ parameters: RUN_PARAMETERS, results: [I32] })
  writeRun(run.code, main)
  run.code.op(OP.i32WrapI64)
  const run64 = module.define({ parameters: RUN_PARAMETERS, results: [I64] })
  writeRun(run64.code, main)
  const absent = module.define({ parameters: MAIN_PARAMETERS, results: [I64] })
  absent.code.i32(1)
  absent.code.opIndex(OP.globalSet, globalIndex('missed'))
  absent.code.i64(0, 0)
  module.export('run', run.index)
  module.export('run64', run64.index)
  module.export('absent', absent.index)
  return module.finish()
}

/** Calls where the program of a number starts. */
function writeRun(code: Code, main: number): void {
  for (let parameter = NUMBER + 1; parameter <= FP; parameter++) code.get(parameter)
  code.get(NUMBER)
  code.i32(1)
  code.op(OP.i32Shl)
  code.callIndirect(main, PROGRAM_TABLE)
}
