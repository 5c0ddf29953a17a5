import { ALU_SYMBOLS } from '../asm/templates.ts'
import type { Alu } from '../isa/op.ts'
import { compute } from './compute.ts'
import { ofBytes, signExtended, truncated, zeroExtended } from './ranges.ts'
import { denied, invalid } from './refusal.ts'
import {
  constant,
  derived,
  isNumber,
  isPacket,
  isPointer,
  isSocket,
  number,
  type Reg,
  typeName,
  UNKNOWN_SCALAR,
} from './reg.ts'
import { OFFSET_LIMIT } from './region.ts'
import { isHalf, isKnown, known, type Scalar } from './scalar.ts'
import type { Verification } from './verification.ts'
import { approximately, SIGN } from './wide.ts'

/** An ALU instruction other than a negation, a swap or a signed move. */
export function calculate(v: Verification, op: Alu): void {
  const { code, slot } = v
  const dst = code.dst[slot]
  const src = code.src[slot]
  if (op.operator === 'mov') {
    v.write(dst, move(v, op, op.operand === 'reg' ? v.read(src) : constant(code.imm[slot]), src))
    return
  }
  const operand = op.operand === 'reg' ? v.read(src) : v.immediate
  checkOperand(op, code.imm[slot])
  v.write(dst, combine(v, op, v.read(dst), operand, dst, src))
}

/** Refuses immediates that the processor would not take. */
function checkOperand({ operator, width, operand }: Alu, imm: number): void {
  if (operand !== 'imm') return
  const divides = operator === 'div' || operator === 'mod' || operator === 'sdiv' || operator === 'smod'
  if (divides && imm === 0) throw invalid('div by zero')
  const shifts = operator === 'lsh' || operator === 'rsh' || operator === 'arsh'
  if (shifts && (imm < 0 || imm >= width)) throw invalid(`invalid shift ${imm}`)
}

function move(v: Verification, op: Alu, operand: Reg, src: number): Reg {
  if (op.width === 64) return op.operand === 'reg' && isNumber(operand) ? shared(v, src) : operand
  if (isPointer(operand)) {
    v.keepSecret(src, `R${src} partial copy of pointer`)
    return number(ofBytes(4))
  }
  if (op.operand === 'reg' && isHalf(operand.scalar)) return shared(v, src)
  return derived(zeroExtended(operand.scalar), operand)
}

/** Two registers with the same number know the same of it. */
function shared(v: Verification, src: number): Reg {
  const reg = v.regs[src]
  if ((reg.id !== 0 && reg.delta === 0) || isKnown(reg.scalar)) return reg
  const named = number(reg.scalar, v.newId(), 0, reg.trace)
  v.regs[src] = named
  return named
}

function combine(v: Verification, op: Alu, a: Reg, b: Reg, dst: number, src: number): Reg {
  if (isPointer(a)) {
    if (isPointer(b)) return difference(v, op, dst)
    if (op.operand === 'reg') v.need(src)
    return offsetPointer(v, op, a, b.scalar, dst)
  }
  if (isPointer(b)) {
    v.need(dst)
    if (op.operator === 'sub' && op.width === 64) throw denied(`R${dst} tried to subtract pointer from scalar`)
    return offsetPointer(v, op, b, a.scalar, dst)
  }
  const result = compute(op.operator, op.width, a.scalar, op.width === 32 ? zeroExtended(b.scalar) : b.scalar)
  return op.operand === 'imm' && a.id !== 0 ? related(v, op, a, result) : derived(result, a, b)
}

/** A number that is a constant away from others goes on being known through them. */
function related(v: Verification, { operator, width }: Alu, a: Reg, result: Scalar): Reg {
  const by = v.code.imm[v.slot]
  const isNear = a.delta === 0 && (!a.isHalf || width === 32)
  const isMoved = isNear && (operator === 'add' || operator === 'sub')
  const made = derived(result, a)
  return isMoved ? { ...made, id: a.id, delta: operator === 'add' ? by : -by, isHalf: width === 32 } : made
}

/** What two pointers make: a distance, for those who may see addresses. */
function difference(v: Verification, op: Alu, dst: number): Reg {
  if (op.operator === 'sub' && v.privileged) return op.width === 32 ? number(ofBytes(4)) : UNKNOWN_SCALAR
  throw denied(`R${dst} pointer ${ALU_SYMBOLS[op.operator]} pointer prohibited`)
}

/** A pointer and a number. */
function offsetPointer(v: Verification, op: Alu, base: Reg, by: Scalar, dst: number): Reg {
  if (op.width === 32) {
    if (op.operator === 'sub' && v.privileged) return number(ofBytes(4))
    throw denied(`R${dst} 32-bit pointer arithmetic prohibited`)
  }
  checkArithmetic(op, base, dst)
  checkSane(base, by)
  if (op.operator === 'sub' && base.type === 'fp') throw denied(`R${dst} subtraction from stack pointer prohibited`)
  const result = isKnown(by) && fits(by) ? moveFixed(op, base, by) : moveUnknown(v, op, base, by)
  checkSane(result, result.scalar, true)
  return result
}

const fits = ({ sminH, sminL, smaxH, smaxL }: Scalar): boolean => sminL >> 31 === sminH && smaxL >> 31 === smaxH

function checkArithmetic({ operator }: Alu, base: Reg, dst: number): void {
  if (base.nullable) throw denied(`R${dst} pointer arithmetic on ${typeName(base)} prohibited, null-check it first`)
  const fixed = base.type === 'map_ptr' || base.type === 'pkt_end' || base.type === 'func' || isSocket(base)
  if (fixed || base.type === 'xdp_sock') throw denied(`R${dst} pointer arithmetic on ${typeName(base)} prohibited`)
  if (operator === 'add' || operator === 'sub') return
  const bitwise = operator === 'and' || operator === 'or' || operator === 'xor'
  throw denied(
    bitwise
      ? `R${dst} bitwise operator ${ALU_SYMBOLS[operator]} on pointer prohibited`
      : `R${dst} pointer arithmetic with ${ALU_SYMBOLS[operator]} operator prohibited`,
  )
}

/** Offsets that are absurd are refused before they are made. */
function checkSane(base: Reg, s: Scalar, after = false): void {
  const smin = approximately(s.sminH, s.sminL)
  const isFar = smin >= OFFSET_LIMIT || smin <= -OFFSET_LIMIT
  if (isFar && isKnown(s)) throw invalid(`math between ${typeName(base)} pointer and ${s.smin} is not allowed`)
  if (after && (base.off >= OFFSET_LIMIT || base.off <= -OFFSET_LIMIT)) {
    throw invalid(`${typeName(base)} pointer offset ${base.off} is not allowed`)
  }
  if (s.sminH === SIGN && s.sminL === 0) {
    throw invalid(`math between ${typeName(base)} pointer and register with unbounded min value is not allowed`)
  }
  if (isFar) throw invalid(`value ${s.smin} makes ${typeName(base)} pointer be out of bounds`)
}

const moveFixed = ({ operator }: Alu, base: Reg, by: Scalar): Reg => ({
  ...base,
  off: base.off + (operator === 'add' ? by.sminL : -by.sminL),
})

function moveUnknown(v: Verification, { operator }: Alu, base: Reg, by: Scalar): Reg {
  const scalar = compute(operator, 64, base.scalar, by)
  // What was compared with the end of the packet holds for the old offset only.
  return isPacket(base) ? { ...base, scalar, id: v.newId(), range: 0 } : { ...base, scalar }
}

/** Negations, swaps, signed moves. */
export function negate(v: Verification, width: 32 | 64): void {
  const dst = v.code.dst[v.slot]
  v.write(dst, derived(compute('sub', width, known(0n), readNumber(v, dst)), v.regs[dst]))
}

export function swap(v: Verification, order: 'le' | 'be' | 'swap', width: 16 | 32 | 64): void {
  const dst = v.code.dst[v.slot]
  const value = readNumber(v, dst)
  if (order === 'le') v.write(dst, derived(width === 64 ? value : truncated(value, width), v.regs[dst]))
  else if (isKnown(value)) v.write(dst, derived(known(reversed(value.umin, width)), v.regs[dst]))
  else v.write(dst, number(ofBytes(width / 8)))
}

function reversed(n: bigint, width: number): bigint {
  let result = 0n
  for (let i = 0; i < width; i += 8) result = (result << 8n) | ((n >> BigInt(i)) & 0xffn)
  return result
}

export function moveSigned(v: Verification, from: 8 | 16 | 32, width: 32 | 64): void {
  const { code, slot } = v
  const reg = v.read(code.src[slot])
  const src = code.src[slot]
  if (isPointer(reg)) v.keepSecret(src, `R${src} sign-extension part of pointer`)
  const value = signExtended(isPointer(reg) ? UNKNOWN_SCALAR.scalar : reg.scalar, from)
  v.write(code.dst[slot], derived(width === 32 ? zeroExtended(value) : value, reg))
}

/** The number in a register; of a pointer nothing is known that could be calculated with. */
function readNumber(v: Verification, r: number): Scalar {
  const reg = v.read(r)
  if (isNumber(reg)) return reg.scalar
  v.keepSecret(r, `R${r} pointer arithmetic prohibited`)
  return UNKNOWN_SCALAR.scalar
}
