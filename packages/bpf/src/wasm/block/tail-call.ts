import { MAX_TAIL_CALLS } from '../../run/limits.ts'
import type { Machine } from '../../run/machine.ts'
import { MAP_HEADER } from '../../run/map-header.ts'
import type { Code } from '../encode/code.ts'
import { EMPTY_BLOCK, I32, I64, OP } from '../encode/opcodes.ts'
import { const64, isConst, low, type Node } from '../value/node.ts'
import type { BlockBuilder } from './builder.ts'
import { type FunctionContext, globalIndex, type ModuleIndex, writeBudget } from './context.ts'
import type { Writer } from './writer.ts'

/** The table of programs: at twice a program's number where runs start, behind it where tail calls do. */
export const PROGRAM_TABLE = 0

/**
 * Calls the program that a prog array has at an index, and returns what it returns. Goes on with R0 = 0 if there is none or
 * too many calls were made. Numbers of programs that are gone lead to a function that notes that it was called.
 */
export function tailCall(block: BlockBuilder, fn: FunctionContext): void {
  const context = low(block.get(1))
  const header = low(block.get(2))
  const index = low(block.get(3))
  const known = knownElement(fn.module, header, index)
  const write = (writer: Writer): void => {
    const { code } = writer
    const at = writer.temporary(I32)
    const map = writer.temporary(I32)
    const r1 = writer.temporary(I32)
    writer.value(header)
    code.set(map)
    writer.value(index)
    code.set(at)
    writer.value(context)
    code.set(r1)
    code.begin(OP.block, EMPTY_BLOCK)
    if (known === undefined) writeElement(code, map, at)
    else {
      code.i32(0)
      code.memory(OP.i32Load, known)
    }
    code.set(at)
    writeGuards(code, fn.module, at)
    writeCall(writer, fn, at, r1)
    code.end()
  }
  block.do({ kind: 'other', inputs: [context, header, index], write })
  block.set(0, const64(0, 0))
}

/** Address of the element, where array and index are constants and the element exists. */
function knownElement({ machine, checked }: ModuleIndex, header: Node, index: Node): number | undefined {
  if (checked || !isConst(header) || !isConst(index)) return undefined
  const view = new DataView(machine.memory.buffer)
  const map = header.lo >>> 0
  if (map + MAP_HEADER.VALUES + 4 > view.byteLength) return undefined
  if (index.lo >>> 0 >= view.getUint32(map + MAP_HEADER.MAX_ENTRIES, true)) return undefined
  return view.getUint32(map + MAP_HEADER.VALUES, true) + 4 * (index.lo >>> 0)
}

/** The number at index `at`; leaves the block if the array ends before it. */
function writeElement(code: Code, map: number, at: number): void {
  code.get(at)
  code.get(map)
  code.memory(OP.i32Load, MAP_HEADER.MAX_ENTRIES)
  code.op(OP.i32GeU)
  code.opIndex(OP.brIf, 0)
  code.get(map)
  code.memory(OP.i32Load, MAP_HEADER.VALUES)
  code.get(at)
  code.i32(2)
  code.op(OP.i32Shl)
  code.op(OP.i32Add)
  code.memory(OP.i32Load, 0)
}

/** Leaves the block if the call is not to be made; else the program's number in `at` becomes its place in the table. */
function writeGuards(code: Code, { placesNow, machine }: ModuleIndex, at: number): void {
  code.get(at)
  code.op(OP.i32Eqz)
  code.opIndex(OP.brIf, 0)
  // The table only grows, so that its size is asked for only where the program came later than this one.
  code.get(at)
  code.i32(placesNow >> 1)
  code.op(OP.i32GeU)
  code.begin(OP.if, EMPTY_BLOCK)
  code.get(at)
  code.tableSize(PROGRAM_TABLE)
  code.i32(1)
  code.op(OP.i32ShrU)
  code.op(OP.i32GeU)
  code.opIndex(OP.brIf, 1)
  code.end()
  writeCount(code, machine)
  code.i32(MAX_TAIL_CALLS)
  code.op(OP.i32GeU)
  code.opIndex(OP.brIf, 0)
  code.get(at)
  code.i32(1)
  code.op(OP.i32Shl)
  code.i32(1)
  code.op(OP.i32Or)
  code.set(at)
}

function writeCall(writer: Writer, fn: FunctionContext, number: number, r1: number): void {
  const { code } = writer
  const { module, locals } = fn
  const result = writer.temporary(I64)
  const depth = module.checked ? writer.temporary(I32) : -1
  writeBudget(writer, fn, 'out')
  if (depth >= 0) {
    code.opIndex(OP.globalGet, globalIndex('depth'))
    code.set(depth)
    code.i32(1)
    code.opIndex(OP.globalSet, globalIndex('depth'))
  }
  writeCounted(code, module.machine, 1)
  code.get(r1)
  code.i32(0)
  code.get(locals.fp)
  code.get(number)
  code.callIndirect(module.mainType, PROGRAM_TABLE)
  code.set(result)
  if (depth >= 0) {
    code.get(depth)
    code.opIndex(OP.globalSet, globalIndex('depth'))
  }
  code.opIndex(OP.globalGet, globalIndex('missed'))
  code.op(OP.i32Eqz)
  code.begin(OP.if, EMPTY_BLOCK)
  code.get(result)
  code.op(OP.return)
  code.end()
  code.i32(0)
  code.opIndex(OP.globalSet, globalIndex('missed'))
  writeCounted(code, module.machine, -1)
}

/** Tail calls that the run has made. */
export function writeCount(code: Code, { tailCallCell }: Machine): void {
  code.i32(0)
  code.memory(OP.i32Load, tailCallCell)
}

function writeCounted(code: Code, machine: Machine, by: number): void {
  code.i32(0)
  writeCount(code, machine)
  code.i32(by)
  code.op(OP.i32Add)
  code.memory(OP.i32Store, machine.tailCallCell)
}
