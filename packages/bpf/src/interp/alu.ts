import type { AluOperator, Condition } from '../isa/op.ts'

const signed = (x: bigint): bigint => BigInt.asIntN(64, x)

/** `a OP b` of two unsigned 64-bit numbers; the result has yet to be cut to 64 bits. */
export function alu64(operator: AluOperator, a: bigint, b: bigint): bigint {
  switch (operator) {
    case 'add':
      return a + b
    case 'sub':
      return a - b
    case 'mul':
      return a * b
    case 'div':
      return b === 0n ? 0n : a / b
    case 'sdiv':
      return b === 0n ? 0n : signed(a) / signed(b)
    case 'mod':
      return b === 0n ? a : a % b
    case 'smod':
      return b === 0n ? a : signed(a) % signed(b)
    case 'or':
      return a | b
    case 'and':
      return a & b
    case 'xor':
      return a ^ b
    case 'lsh':
      return a << (b & 63n)
    case 'rsh':
      return a >> (b & 63n)
    case 'arsh':
      return signed(a) >> (b & 63n)
    case 'mov':
      return b
  }
}

/** `a OP b` of two int32; the result has yet to be cut to 32 bits. */
export function alu32(operator: AluOperator, a: number, b: number): number {
  switch (operator) {
    case 'add':
      return a + b
    case 'sub':
      return a - b
    case 'mul':
      return Math.imul(a, b)
    case 'div':
      return b === 0 ? 0 : Math.trunc((a >>> 0) / (b >>> 0))
    case 'sdiv':
      return b === 0 ? 0 : Math.trunc(a / b)
    case 'mod':
      return b === 0 ? a : (a >>> 0) % (b >>> 0)
    case 'smod':
      return b === 0 ? a : a % b
    case 'or':
      return a | b
    case 'and':
      return a & b
    case 'xor':
      return a ^ b
    case 'lsh':
      return a << b
    case 'rsh':
      return a >>> b
    case 'arsh':
      return a >> b
    case 'mov':
      return b
  }
}

/** Whether a condition holds between two unsigned 64-bit numbers. */
export function holds64(condition: Condition, a: bigint, b: bigint): boolean {
  switch (condition) {
    case 'eq':
      return a === b
    case 'ne':
      return a !== b
    case 'set':
      return (a & b) !== 0n
    case 'gt':
      return a > b
    case 'ge':
      return a >= b
    case 'lt':
      return a < b
    case 'le':
      return a <= b
    case 'sgt':
      return signed(a) > signed(b)
    case 'sge':
      return signed(a) >= signed(b)
    case 'slt':
      return signed(a) < signed(b)
    case 'sle':
      return signed(a) <= signed(b)
  }
}

/** Whether a condition holds between the low halves of two 64-bit numbers. */
export function holds32(condition: Condition, a: bigint, b: bigint): boolean {
  const cut = condition.startsWith('s') && condition !== 'set' ? BigInt.asIntN : BigInt.asUintN
  return holds64(condition, BigInt.asUintN(64, cut(32, a)), BigInt.asUintN(64, cut(32, b)))
}

/** Reverses the low `width` bits by bytes; the rest becomes zero. */
export function swapBytes(width: 16 | 32 | 64, value: bigint): bigint {
  let rest = value
  let swapped = 0n
  for (let done = 0; done < width; done += 8) {
    swapped = (swapped << 8n) | (rest & 0xffn)
    rest >>= 8n
  }
  return swapped
}
