import { BtfError, bareType, sizeOf, skipModifiers } from '../btf/resolve.ts'
import type { Btf, Func } from '../btf/type.ts'
import { jumpTarget, opAt } from '../isa/code.ts'
import { PROG_TYPE } from '../syscall/numbers.ts'
import { moverAt } from './call.ts'
import { checkInitializedDynptr } from './dynptr.ts'
import { checkContext, passMemory } from './pass-memory.ts'
import { invalid, Refusal } from './refusal.ts'
import { isNumber, isZero, NONE, pointer, type Reg, UNKNOWN_SCALAR } from './reg.ts'
import { prototypeOf, returnsNothing, returnsNumber } from './type-info.ts'
import type { Verification } from './verification.ts'

/** What a global function can be handed. */
export type Parameter =
  | { readonly kind: 'scalar'; readonly size: number }
  | { readonly kind: 'ctx' }
  | { readonly kind: 'mem'; readonly size: number; readonly nullable: boolean }
  | { readonly kind: 'dynptr' }

/** A function that is verified on its own, for all that its type allows. */
export interface GlobalFunction {
  readonly start: number
  readonly index: number
  readonly name: string
  readonly parameters: readonly Parameter[]
  readonly isVoid: boolean
}

const MAX_PARAMETERS = 5
const CONTEXT_NAMES: ReadonlyMap<number, string> = new Map([
  [PROG_TYPE.schedCls, '__sk_buff'],
  [PROG_TYPE.schedAct, '__sk_buff'],
  [PROG_TYPE.xdp, 'xdp_md'],
])

/** The global function that starts at a slot; undefined for main and for static functions. */
export function globalAt(v: Verification, start: number): GlobalFunction | undefined {
  const known = v.globals.get(start)
  if (known || start === 0) return known
  const { types } = v.input
  const index = v.functions.starts.indexOf(start)
  const info = types?.functions[index]
  if (!types || !info) return undefined
  const { btf } = types
  const func = btf.types[info.type] as Func
  if (func.linkage !== 'global') return undefined
  const { name } = func
  const { params } = prototypeOf(btf, info.type)
  if (!returnsNumber(btf, info.type) && !returnsNothing(btf, info.type)) {
    throw invalid(`Global function ${name}() doesn't return scalar. Only those are supported.`)
  }
  if (params.length > MAX_PARAMETERS) {
    throw invalid(`Global function ${name}() with ${params.length} > ${MAX_PARAMETERS} args. Buggy compiler.`)
  }
  const parameters = params.map((param, i) => parameterOf(v, btf, info.type, name, param.type, i))
  const made = { start, index, name, parameters, isVoid: returnsNothing(btf, info.type) }
  v.globals.set(start, made)
  return made
}

function parameterOf(v: Verification, btf: Btf, func: number, name: string, type: number, i: number): Parameter {
  const tags = btf.types.flatMap((t) => (t.kind === 'decl_tag' && t.type === func && t.component === i ? [t.name] : []))
  const bare = bareType(btf, type)
  if (bare.kind === 'int' || bare.kind === 'enum' || bare.kind === 'enum64') return { kind: 'scalar', size: bare.size }
  if (bare.kind !== 'ptr') throw invalid(`Arg#${i} type ${bare.kind.toUpperCase()} in ${name}() is not supported yet.`)
  const to = btf.types[skipModifiers(btf, bare.type)]
  const struct = to.kind === 'struct' ? to.name : ''
  if (tags.includes('arg:ctx') || struct === CONTEXT_NAMES.get(v.input.programType)) return { kind: 'ctx' }
  if (struct === 'bpf_dynptr') return { kind: 'dynptr' }
  const odd = tags.find((tag) => tag === 'arg:trusted' || tag === 'arg:arena' || tag === 'arg:untrusted')
  if (odd) throw new Refusal(524, `arg#${i} of ${name}() with tag ${odd} is not supported`)
  try {
    return { kind: 'mem', size: sizeOf(btf, bare.type), nullable: !tags.includes('arg:nonnull') }
  } catch (e) {
    if (!(e instanceof BtfError)) throw e
    throw invalid(
      `arg#${i} reference type('${to.kind.toUpperCase()} ${'name' in to ? to.name : ''}') size cannot be determined: -22`,
    )
  }
}

/** What its registers hold when it is verified. */
export const argumentsOf = (v: Verification, { parameters }: GlobalFunction): Reg[] =>
  parameters.map((parameter) => {
    switch (parameter.kind) {
      case 'scalar':
        return UNKNOWN_SCALAR
      case 'ctx':
        return pointer('ctx')
      case 'dynptr':
        return pointer('const_dynptr', { id: v.newId() })
      default:
        return pointer('mem', { id: v.newId(), size: parameter.size, nullable: parameter.nullable })
    }
  })

/** A call of a global function: what it is handed is as its type says, what it returns may be anything. */
export function callGlobal(v: Verification, callee: GlobalFunction): void {
  const { name, index, parameters } = callee
  if (v.state.lock) {
    throw invalid('global function calls are not allowed while holding a lock,\nuse static function instead')
  }
  try {
    for (const [i, parameter] of parameters.entries()) checkParameter(v, parameter, i + 1)
  } catch (e) {
    if (e instanceof Refusal) e.message += `\nCaller passes invalid args into func#${index} ('${name}')`
    throw e
  }
  v.say(`Func#${index} ('${name}') is global and assumed valid.`)
  for (let r = 0; r <= 5; r++) v.regs[r] = NONE
  if (!callee.isVoid) v.regs[0] = UNKNOWN_SCALAR
  if (movesPacket(v, callee.start)) v.forgetPacket()
}

function checkParameter(v: Verification, parameter: Parameter, r: number): void {
  const reg = v.read(r)
  switch (parameter.kind) {
    case 'scalar':
      if (!isNumber(reg)) throw invalid(`R${r} is not a scalar`)
      return
    case 'ctx':
      if (reg.type !== 'ctx') throw invalid(`R${r} is not a pointer to ctx`)
      checkContext(r, reg)
      return
    case 'dynptr':
      checkInitializedDynptr(v, r, reg)
      return
    default: {
      if (!parameter.nullable && (reg.nullable || isZero(reg))) throw invalid(`arg#${r - 1} is expected to be non-NULL`)
      if (isZero(reg)) {
        v.need(r)
        return
      }
      const there = { ...reg, nullable: false }
      passMemory(v, r, there, parameter.size, 'read')
      passMemory(v, r, there, parameter.size, 'write')
    }
  }
}

/** Whether a function may move the packet, itself or by those that it calls. */
function movesPacket(v: Verification, start: number): boolean {
  const known = v.movers.get(start)
  if (known !== undefined) return known
  v.movers.set(start, false)
  let moves = false
  for (let slot = start; slot < v.functions.endOf(start) && !moves; slot++) {
    const op = opAt(v.code, slot)
    if (op.kind !== 'call') continue
    moves = op.callee === 'subprogram' ? movesPacket(v, jumpTarget(v.code, slot)) : moverAt(v, slot)
  }
  v.movers.set(start, moves)
  return moves
}
