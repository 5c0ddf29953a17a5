import { I32, I64, OP, type ValueType } from '../encode/opcodes.ts'

/** Operations of nodes that are not one WebAssembly instruction. Above all opcodes. */
export const PSEUDO = {
  /** A local; `lo` is its index. Read where the value is first needed, so it must not change before the end of the block. */
  local: 0x100,
  /** A number: `lo`, and for I64 `hi`. */
  const: 0x101,
  /** R10 plus `lo`, as I64. */
  frame: 0x102,
  /** Given by a statement, which puts it into a local. */
  result: 0x103,
  /** The low 16 or 32 bits reversed by bytes, of an I32; the upper half of a reversed 16 is zero. */
  swap16: 0x104,
  swap32: 0x105,
} as const

/** A value inside a block: what computes it from other values. Nodes never have effects, so they are written where they are
 *  needed, or not at all; what must happen in order is a statement. */
export interface Node {
  readonly op: number
  readonly type: ValueType
  readonly a: Node | undefined
  readonly b: Node | undefined
  /** Third operand: the condition of a `select`. */
  readonly c: Node | undefined
  readonly lo: number
  readonly hi: number
  /** The value is below 2^bits, unsigned. */
  readonly bits: number
  /** Nodes on the longest way down from here; bounds how deep writing nests. */
  readonly depth: number
  /** Whether it is computed from the address of the frame. */
  readonly frames: boolean
  /** Statements and nodes that need it; counted when the block is complete. */
  uses: number
  /** Local that holds it once it was written; -1 before. */
  held: number
  /** Its low half, or what it is when zero-extended: made once. */
  twin: Node | undefined
  /** Not zero exactly if this is not: for pointers that may be null. */
  nonZeroIf: Node | undefined
  /** Where it was loaded from, for neighbouring loads to be made one. */
  load: LoadedFrom | undefined
}

/** An access to memory that gave a node. */
export interface LoadedFrom {
  readonly address: Address
  readonly bytes: number
  /** Stores and calls that came before it in the block. */
  readonly epoch: number
}

/** Where an access goes: `base` plus `offset`. Without a base, into the frame: R10 plus `offset`. */
export interface Address {
  readonly base: Node | undefined
  readonly offset: number
}

export function node(op: number, type: ValueType, bits: number, a?: Node, b?: Node, lo = 0, hi = 0): Node {
  const depth = Math.max(a ? a.depth + 1 : 0, b ? b.depth + 1 : 0)
  const frames = op === PSEUDO.frame || a?.frames === true || b?.frames === true
  return {
    op,
    type,
    a,
    b,
    c: undefined,
    lo,
    hi,
    bits,
    depth,
    frames,
    uses: 0,
    held: -1,
    twin: undefined,
    nonZeroIf: undefined,
    load: undefined,
  }
}

/** `yes` where the condition (I32) is not zero, else `no`. */
export function select(yes: Node, no: Node, condition: Node): Node {
  if (isConst(condition)) return condition.lo !== 0 ? yes : no
  const depth = Math.max(yes.depth, no.depth, condition.depth) + 1
  const made = node(OP.select, yes.type, Math.max(yes.bits, no.bits), yes, no)
  return { ...made, c: condition, depth, frames: made.frames || condition.frames }
}

export const const32 = (value: number): Node =>
  node(PSEUDO.const, I32, bitLength(value, 0), undefined, undefined, value | 0)

export const const64 = (lo: number, hi: number): Node =>
  node(PSEUDO.const, I64, bitLength(lo, hi), undefined, undefined, lo | 0, hi | 0)

/** A number as immediates have it: 32 bits, sign-extended. */
export const signed64 = (value: number): Node => const64(value, value >> 31)

export const isConst = (n: Node): boolean => n.op === PSEUDO.const

/** Whether it is this number, sign-extended. */
export const isNumber = (n: Node, value: number): boolean =>
  n.op === PSEUDO.const && n.lo === value && (n.type === I32 || n.hi === value >> 31)

const bitLength = (lo: number, hi: number): number => (hi ? 64 - Math.clz32(hi) : 32 - Math.clz32(lo))

/** The low half of a register's value. */
export function low(n: Node): Node {
  if (n.op === OP.i64ExtendI32U || n.op === OP.i64ExtendI32S) return n.a!
  if (isConst(n)) return const32(n.lo)
  n.twin ??= node(OP.i32WrapI64, I32, Math.min(n.bits, 32), n)
  return n.twin
}

/** A register's value whose upper half is zero. */
export function extend(n: Node): Node {
  if (isConst(n)) return const64(n.lo, 0)
  if (n.op === OP.i32WrapI64 && n.a!.bits <= 32) return n.a!
  n.twin ??= node(OP.i64ExtendI32U, I64, n.bits, n)
  return n.twin
}

/** A register's value whose upper half repeats the sign of the lower one. */
export function extendSigned(n: Node): Node {
  if (isConst(n)) return signed64(n.lo)
  return n.bits < 32 ? extend(n) : node(OP.i64ExtendI32S, I64, 64, n)
}

/** Whether the upper half is known to be zero, so that the low half alone can be worked with. */
export const isShort = (n: Node): boolean => n.bits <= 32
