import { jumpTarget } from '../../isa/code.ts'
import type { Call, PacketLoad } from '../../isa/op.ts'
import { type ArgumentPassing, type Helper, TAIL_CALL } from '../../run/helper.ts'
import { FRAME_BYTES, MAX_FRAMES } from '../../run/limits.ts'
import { EMPTY_BLOCK, I32, I64, OP } from '../encode/opcodes.ts'
import { helperAt } from '../plan/registers.ts'
import { binary } from '../value/fold.ts'
import { const32, const64, extend, extendSigned, low, type Node, node, PSEUDO } from '../value/node.ts'
import type { BlockBuilder } from './builder.ts'
import { type FunctionContext, faultHere, globalIndex, writeBudget, writeFault, writeSpend } from './context.ts'
import { framePartOf, INLINED } from './inline.ts'
import { tailCall } from './tail-call.ts'
import type { Writer } from './writer.ts'

export function call(block: BlockBuilder, fn: FunctionContext, op: Call, slot: number): void {
  const { code, machine } = fn.module
  if (op.callee === 'subprogram') callSubprogram(block, fn, slot)
  else if (op.callee === 'helper' && code.imm[slot] === TAIL_CALL) tailCall(block, fn)
  else {
    const helper = helperAt(code, slot, machine)
    if (!helper) {
      faultHere(block, fn.module, 'helper', slot)
      return
    }
    const inlined =
      op.callee === 'helper' && !fn.module.checked ? INLINED.get(code.imm[slot])?.(block, fn.module) : undefined
    block.set(0, inlined ?? callBody(block, fn, op.callee, helper, slot))
  }
  block.forgetArguments()
}

/** R0 of a call of a helper's or kfunc's body. */
function callBody(
  block: BlockBuilder,
  fn: FunctionContext,
  callee: 'helper' | 'kfunc',
  helper: Helper,
  slot: number,
): Node {
  const { module, locals } = fn
  const inputs = helper.args.flatMap((passing, i) => passed(passing, argument(block, fn, i)))
  const callsBack = helper.args.includes('func')
  const result = resultOf(block, helper)
  const write = (writer: Writer): void => {
    const { code } = writer
    if (callsBack) writeBudget(writer, fn, 'out')
    for (const input of inputs) writer.value(input)
    if (callsBack) {
      code.get(locals.fp)
      code.i32(slot)
    }
    code.opIndex(OP.call, module.helper(callee, module.code.imm[slot]))
    if (callsBack) writeBudget(writer, fn, 'in')
    if (helper.returns !== 'u64') return
    code.op(OP.drop)
    code.i32(0)
    code.memory(OP.i64Load, module.machine.resultCell)
  }
  const frame = callee === 'helper' ? framePartOf(block, module, module.code.imm[slot]) : undefined
  block.do({ kind: 'other', inputs, frame, result, write })
  if (helper.returns === 's32') return extendSigned(result)
  if (helper.returns === 'u32') return extend(result)
  return helper.returns === 'u64' ? result : const64(0, 0)
}

const resultOf = (block: BlockBuilder, { returns }: Helper): Node =>
  returns === 'u64' ? block.result(I64, 64) : block.result(I32, 32)

/** Argument number `i` from 0: a register, or what was stored for the callee. */
function argument(block: BlockBuilder, { locals }: FunctionContext, i: number): Node {
  if (i < 5) return block.get(1 + i)
  return node(PSEUDO.local, I64, 64, undefined, undefined, locals.outgoing[i - 5])
}

/** An argument as bodies take it. */
const passed = (passing: ArgumentPassing, value: Node): Node[] =>
  passing === 'u64' ? [low(value), low(binary('rsh', value, const64(32, 0)))] : [low(value)]

function callSubprogram(block: BlockBuilder, fn: FunctionContext, slot: number): void {
  const { module, locals } = fn
  const callee = module.subprogram(jumpTarget(module.code, slot))
  if (!callee) {
    faultHere(block, module, 'instruction', slot)
    return
  }
  const inputs = callee.registers.map((register) => block.get(register))
  const result = block.result(I64, 64)
  const write = (writer: Writer): void => {
    const { code } = writer
    if (module.checked) writeEnter(writer, fn, slot)
    for (const input of inputs) writer.value(input)
    for (let i = 0; i < callee.extra; i++) code.get(locals.outgoing[i])
    code.get(locals.fp)
    code.i32(FRAME_BYTES)
    code.op(OP.i32Sub)
    code.opIndex(OP.call, callee.index)
    if (module.checked) writeLeave(writer, fn)
  }
  block.do({ kind: 'other', inputs, result, write })
  block.set(0, result)
}

/** Counts a call and the depth of frames. */
function writeEnter(writer: Writer, fn: FunctionContext, slot: number): void {
  const { code } = writer
  const depth = globalIndex('depth')
  writeSpend(writer, fn, slot)
  code.opIndex(OP.globalGet, depth)
  code.i32(MAX_FRAMES)
  code.op(OP.i32GeU)
  code.begin(OP.if, EMPTY_BLOCK)
  writeFault(writer, fn.module, 'depth', slot)
  code.end()
  writeDepth(writer, 1)
  writeBudget(writer, fn, 'out')
}

function writeLeave(writer: Writer, fn: FunctionContext): void {
  writeDepth(writer, -1)
  writeBudget(writer, fn, 'in')
}

function writeDepth({ code }: Writer, by: number): void {
  code.opIndex(OP.globalGet, globalIndex('depth'))
  code.i32(by)
  code.op(OP.i32Add)
  code.opIndex(OP.globalSet, globalIndex('depth'))
}

/** LD_ABS and LD_IND: leaves the function with R0 = 0 if the bytes are not there. */
export function packetLoad(block: BlockBuilder, fn: FunctionContext, op: PacketLoad, slot: number): void {
  const { module } = fn
  const { code: bpf, machine } = module
  if (!machine.packetLoad) {
    faultHere(block, module, 'instruction', slot)
    return
  }
  const context = low(block.get(6))
  const constant = const32(bpf.imm[slot])
  const offset = op.at === 'ind' ? binary('add', low(block.get(bpf.src[slot])), constant) : constant
  const result = block.result(I64, op.bytes * 8)
  const write = (writer: Writer): void => {
    const { code } = writer
    writer.value(context)
    writer.value(offset)
    code.i32(op.bytes)
    code.opIndex(OP.call, module.packetLoad)
    code.op(OP.i32Eqz)
    code.begin(OP.if, EMPTY_BLOCK)
    writeBudget(writer, fn, 'out')
    code.i64(0, 0)
    code.op(OP.return)
    code.end()
    code.i32(0)
    code.memory(OP.i64Load, machine.resultCell)
  }
  block.do({ kind: 'other', inputs: [context, offset], result, write })
  block.set(0, result)
  block.forgetArguments()
}
