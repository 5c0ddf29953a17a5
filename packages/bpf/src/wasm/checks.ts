import { STACK_BYTES } from '../run/limits.ts'
import type { Window } from '../run/machine.ts'
import { FAULTS, globalIndex } from './block/context.ts'
import type { Code } from './encode/code.ts'
import type { ModuleWriter, Signature } from './encode/module.ts'
import { EMPTY_BLOCK, I32, I64, OP } from './encode/opcodes.ts'

const CHECK: Signature = { parameters: [I64, I32, I32], results: [I32] }
/** Function that stops a run: the first that programs import. */
const FAULT = 0

/** Functions that find the window or the stack that an access lies in. */
export function defineChecks(module: ModuleWriter, windows: readonly Window[]): { read: number; write: number } {
  return {
    read: defineCheck(module, windows),
    write: defineCheck(
      module,
      windows.filter(({ writable }) => writable),
    ),
  }
}

const ADDRESS = 0
const BYTES = 1
const SLOT = 2

function defineCheck(module: ModuleWriter, windows: readonly Window[]): number {
  const { index, code } = module.define(CHECK)
  const end = code.local(I64)
  code.get(ADDRESS)
  code.get(BYTES)
  code.op(OP.i64ExtendI32U)
  code.op(OP.i64Add)
  code.set(end)
  code.begin(OP.block, EMPTY_BLOCK)
  // The sum is right only for addresses that are not near 2^64.
  code.get(ADDRESS)
  code.i64(0, 1)
  code.op(OP.i64GeU)
  code.opIndex(OP.brIf, 0)
  code.get(end)
  code.memorySize()
  code.op(OP.i64ExtendI32U)
  code.i64(16, 0)
  code.op(OP.i64Shl)
  code.op(OP.i64GtU)
  code.opIndex(OP.brIf, 0)
  const stackEnd = (): void => {
    code.opIndex(OP.globalGet, globalIndex('stackTop'))
    code.op(OP.i64ExtendI32U)
  }
  writeWithin(
    code,
    end,
    () => {
      stackEnd()
      code.i64(STACK_BYTES, 0)
      code.op(OP.i64Sub)
    },
    stackEnd,
  )
  for (const window of windows) {
    writeWithin(
      code,
      end,
      () => code.i64(window.start, 0),
      () => code.i64(window.end, 0),
    )
  }
  code.end()
  code.i32(FAULTS.indexOf('memory'))
  code.get(SLOT)
  code.get(ADDRESS)
  code.op(OP.i32WrapI64)
  code.get(ADDRESS)
  code.i64(32, 0)
  code.op(OP.i64ShrU)
  code.op(OP.i32WrapI64)
  code.opIndex(OP.call, FAULT)
  code.op(OP.unreachable)
  return index
}

/** Returns the address if it lies between two bounds. */
function writeWithin(code: Code, end: number, from: () => void, to: () => void): void {
  code.get(ADDRESS)
  from()
  code.op(OP.i64GeS)
  code.get(end)
  to()
  code.op(OP.i64LeS)
  code.op(OP.i32And)
  code.begin(OP.if, EMPTY_BLOCK)
  code.get(ADDRESS)
  code.op(OP.i32WrapI64)
  code.op(OP.return)
  code.end()
}
