import { bareType } from '../btf/resolve.ts'
import type { Btf, BtfType, Func, FuncProto } from '../btf/type.ts'
import { type Code, opAt } from '../isa/code.ts'
import { TAIL_CALL } from '../run/helper.ts'
import type { Functions } from './cfg.ts'
import type { FunctionType, VerifyInput } from './input.ts'
import { invalid } from './refusal.ts'

/** Checks what the loader told of functions and lines against the program. Source: spec 02 §5.6; the running kernel. */
export function checkTypeInfo({ code, types, lines }: VerifyInput, functions: Functions): void {
  if (!types || types.functions.length === 0) {
    checkWithoutTypes(code, functions)
    return
  }
  for (const [i, info] of types.functions.entries()) checkRecord(types.btf, types.functions, info, i)
  if (types.functions.length !== functions.starts.length) {
    throw invalid("number of funcs in func_info doesn't match number of subprogs")
  }
  for (const [i, { slot, type }] of types.functions.entries()) {
    if (slot !== functions.starts[i]) throw invalid("func_info BTF section doesn't match subprog layout in BPF program")
    if (i > 0 && !returnsNumber(types.btf, type))
      refuseAbruptEnds(code, functions, slot, "functions that return 'int'.")
  }
  if (lines.size === 0) return
  for (const [i, start] of functions.starts.entries()) {
    if (!lines.has(start)) throw invalid(`missing bpf_line_info for func#${i}`)
  }
}

function checkRecord(btf: Btf, all: readonly FunctionType[], { slot, type }: FunctionType, i: number): void {
  if (i === 0 && slot !== 0) throw invalid(`nonzero insn_off ${slot} for the first func info record`)
  if (i > 0 && slot <= all[i - 1].slot) {
    throw invalid(`same or smaller insn offset (${slot}) than previous func info record (${all[i - 1].slot})`)
  }
  if (btf.types[type]?.kind !== 'func') throw invalid(`invalid type id ${type} in func info`)
}

/** Main ends with a verdict; how a subprogram ends early is only known if its type is. */
function checkWithoutTypes(code: Code, functions: Functions): void {
  for (const start of functions.starts.slice(1)) refuseAbruptEnds(code, functions, start, 'subprogs without BTF')
}

function refuseAbruptEnds(code: Code, functions: Functions, start: number, where: string): void {
  const without = where.startsWith('subprogs')
  for (let slot = start; slot < functions.endOf(start); slot++) {
    const op = opAt(code, slot)
    const what =
      op.kind === 'packet'
        ? 'LD_ABS'
        : op.kind === 'call' && op.callee === 'helper' && code.imm[slot] === TAIL_CALL
          ? 'tail_call'
          : ''
    if (what !== '')
      throw invalid(without ? `${what} is not allowed in ${where}` : `${what} is only allowed in ${where}`)
  }
}

/** The prototype of a function. */
export function prototypeOf(btf: Btf, func: number): FuncProto {
  const { type } = btf.types[func] as Func
  return btf.types[type] as FuncProto
}

const isNumber = (type: BtfType): boolean =>
  (type.kind === 'int' && type.size <= 8) || type.kind === 'enum' || type.kind === 'enum64'

export const returnsNumber = (btf: Btf, func: number): boolean => isNumber(bareType(btf, prototypeOf(btf, func).type))
export const returnsNothing = (btf: Btf, func: number): boolean =>
  bareType(btf, prototypeOf(btf, func).type).kind === 'void'

/** As the loader calls the function that starts at a slot; empty if it told no types. */
export function functionName({ types }: VerifyInput, functions: Functions, start: number): string {
  const func = types?.btf.types[types.functions[functions.starts.indexOf(start)]?.type ?? 0]
  return func?.kind === 'func' ? func.name : ''
}
