import type { Condition } from '../../isa/op.ts'
import { I32, OP } from '../encode/opcodes.ts'
import { binary, swapNumber } from './fold.ts'
import { const32, isConst, isNumber, isShort, low, type Node, node, PSEUDO } from './node.ts'

type Ordered = Exclude<Condition, 'set'>

const OPCODES: Readonly<Record<Ordered, readonly [i32: number, i64: number]>> = {
  eq: [OP.i32Eq, OP.i64Eq],
  ne: [OP.i32Ne, OP.i64Ne],
  gt: [OP.i32GtU, OP.i64GtU],
  ge: [OP.i32GeU, OP.i64GeU],
  lt: [OP.i32LtU, OP.i64LtU],
  le: [OP.i32LeU, OP.i64LeU],
  sgt: [OP.i32GtS, OP.i64GtS],
  sge: [OP.i32GeS, OP.i64GeS],
  slt: [OP.i32LtS, OP.i64LtS],
  sle: [OP.i32LeS, OP.i64LeS],
}
const UNSIGNED: Partial<Record<Ordered, Ordered>> = { sgt: 'gt', sge: 'ge', slt: 'lt', sle: 'le' }

/** Whether `a CONDITION b` of two registers' values holds: an I32 that is zero if not. */
export function condition(of: Condition, width: 32 | 64, a: Node, b: Node): Node {
  if (of === 'set') return bitsInCommon(width, a, b)
  if (width === 32) return compare(of, low(a), low(b))
  // Numbers that fit the low halves compare there, and are never negative.
  if (isShort(a) && isShort(b)) return compare(UNSIGNED[of] ?? of, low(a), low(b))
  return compare(of, a, b)
}

function bitsInCommon(width: 32 | 64, a: Node, b: Node): Node {
  if (width === 32 || isShort(a) || isShort(b)) return binary('and', low(a), low(b))
  return compare('ne', binary('and', a, b), node(PSEUDO.const, a.type, 0))
}

/** Compares two nodes of one type. */
export function compare(of: Ordered, a: Node, b: Node): Node {
  if (isConst(a) && isConst(b)) return const32(holds(of, a, b) ? 1 : 0)
  if (isConst(a) && (of === 'eq' || of === 'ne')) return compare(of, b, a)
  if (of === 'eq' || of === 'ne') {
    if (isConst(b) && (a.op === PSEUDO.swap16 || a.op === PSEUDO.swap32)) return compareSwapped(of, a, b)
    if (isNumber(b, 0)) return compareZero(of, a)
  }
  const [i32, i64] = OPCODES[of]
  return node(a.type === I32 ? i32 : i64, I32, 1, a, b)
}

/** Reversing the number instead of the value costs nothing. */
function compareSwapped(of: 'eq' | 'ne', a: Node, b: Node): Node {
  const width = a.op === PSEUDO.swap16 ? 16 : 32
  if (width === 16 && b.lo >>> 16 !== 0) return const32(of === 'ne' ? 1 : 0)
  return compare(of, a.a!, const32(swapNumber(b.lo, width)))
}

function compareZero(of: 'eq' | 'ne', a: Node): Node {
  if (a.nonZeroIf) return compareZero(of, a.nonZeroIf)
  if (of === 'eq') return node(a.type === I32 ? OP.i32Eqz : OP.i64Eqz, I32, 1, a)
  if (a.type === I32) return a
  return node(OP.i64Ne, I32, 1, a, node(PSEUDO.const, a.type, 0))
}

function holds(of: Ordered, a: Node, b: Node): boolean {
  const signed = UNSIGNED[of] !== undefined
  const high = a.type === I32 ? 0 : signed ? a.hi - b.hi : (a.hi >>> 0) - (b.hi >>> 0)
  const lowHalf = signed && a.type === I32 ? a.lo - b.lo : (a.lo >>> 0) - (b.lo >>> 0)
  const order = high || lowHalf
  switch (UNSIGNED[of] ?? of) {
    case 'eq':
      return order === 0
    case 'ne':
      return order !== 0
    case 'gt':
      return order > 0
    case 'ge':
      return order >= 0
    case 'lt':
      return order < 0
    default:
      return order <= 0
  }
}
