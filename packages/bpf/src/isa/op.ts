/** What an instruction does, without its operands: the type of a row of the opcode table. */

export type AluOperator =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'sdiv'
  | 'or'
  | 'and'
  | 'lsh'
  | 'rsh'
  | 'mod'
  | 'smod'
  | 'xor'
  | 'mov'
  | 'arsh'
export type Condition = 'eq' | 'gt' | 'ge' | 'set' | 'ne' | 'sgt' | 'sge' | 'lt' | 'le' | 'slt' | 'sle'
export type AtomicOperator = 'add' | 'or' | 'and' | 'xor' | 'xchg' | 'cmpxchg'
/** What the 64 bits of an LD_IMM64 are, by its source field. Loading a program turns all but `function` into `number`. */
export type Pseudo = 'number' | 'map' | 'mapValue' | 'variable' | 'function' | 'mapIndex' | 'mapValueIndex'
/** Bytes of an access. */
export type Bytes = 1 | 2 | 4 | 8
export type Operand = 'imm' | 'reg'

/** Which fields an instruction reads; all others must be zero, or the fixed value that tells the row from its neighbours. */
export interface Fields {
  readonly dst?: true
  readonly src?: true
  /** Jump distance in slots from the next instruction, byte offset of a memory access, or index into `fd_array`. */
  readonly off?: 'jump' | 'memory' | 'index'
  /** Number, jump distance (`gotol`), or whom a call calls. */
  readonly imm?: 'number' | 'jump' | 'callee'
  /** The immediate of the second slot of an LD_IMM64. */
  readonly high?: true
}

/** Fixed values of fields that tell rows with the same opcode byte apart. */
export interface Fixed {
  readonly src?: number
  readonly off?: number
  readonly imm?: number
}

interface Row<Kind extends string> {
  readonly kind: Kind
  /** Unique and stable, such as `add32 imm`, `jsgt64 reg`, `ldxsh`, `fetch_add64`. */
  readonly name: string
  readonly opcode: number
  readonly fields: Fields
  readonly fixed: Fixed
  /** Index in `OPS`. */
  readonly id: number
}

/** `dst = dst OP operand`; 32-bit forms use the low halves and zero-extend the result. */
export interface Alu extends Row<'alu'> {
  readonly operator: AluOperator
  readonly width: 32 | 64
  readonly operand: Operand
}
/** `dst = (sN)src`, sign-extended to `width`, then zero-extended to 64 bits. */
export interface MoveSigned extends Row<'movsx'> {
  readonly from: 8 | 16 | 32
  readonly width: 32 | 64
}
export interface Negate extends Row<'neg'> {
  readonly width: 32 | 64
}
/** `le` truncates (hosts are little-endian), `be` and `swap` reverse the low `width` bits; all zero-extend. */
export interface ByteSwap extends Row<'swap'> {
  readonly order: 'le' | 'be' | 'swap'
  readonly width: 16 | 32 | 64
}
/** addr_space_cast between an arena's pointers as its user sees them and plain ones. */
export interface SpaceCast extends Row<'cast'> {
  readonly to: 'plain' | 'arena'
}
export interface Branch extends Row<'branch'> {
  readonly condition: Condition
  readonly width: 32 | 64
  readonly operand: Operand
}
/** Unconditional jump; distance in the offset (`goto`) or the immediate (`gotol`): see `fields`. */
export interface Goto extends Row<'goto'> {}
/** Jump to the slot number in dst, which comes from an instruction array map. */
export interface GotoRegister extends Row<'gotox'> {}
/** Falls through while the frame's budget lasts, jumps when it is used up. */
export interface MayGoto extends Row<'mayGoto'> {}
export interface Call extends Row<'call'> {
  readonly callee: 'helper' | 'subprogram' | 'kfunc'
}
export interface Exit extends Row<'exit'> {}
/** `dst = *(size *)(src + off)`, zero- or sign-extended to 64 bits. */
export interface Load extends Row<'load'> {
  readonly bytes: Bytes
  readonly signed: boolean
}
/** `*(size *)(dst + off) = operand`. */
export interface Store extends Row<'store'> {
  readonly bytes: Bytes
  readonly operand: Operand
}
/** Read-modify-write of `*(size *)(dst + off)` with src; `fetch` forms leave the old value in src, cmpxchg in R0. */
export interface Atomic extends Row<'atomic'> {
  readonly operator: AtomicOperator
  readonly bytes: 4 | 8
  readonly fetch: boolean
}
/** `dst = *(size *)(src + off)` with acquire ordering, zero-extended. */
export interface LoadAcquire extends Row<'loadAcquire'> {
  readonly bytes: Bytes
}
/** `*(size *)(dst + off) = src` with release ordering. */
export interface StoreRelease extends Row<'storeRelease'> {
  readonly bytes: Bytes
}
/** LD_IMM64: its immediate and that of the next slot are the low and high half. */
export interface Const extends Row<'const'> {
  readonly pseudo: Pseudo
}
/** Legacy load from the packet whose context is in R6; at imm (`abs`) or src + imm (`ind`), network order, into R0. */
export interface PacketLoad extends Row<'packet'> {
  readonly at: 'abs' | 'ind'
  readonly bytes: 1 | 2 | 4
}
/** Second slot of an LD_IMM64. Never executed, never a jump target. */
export interface Second extends Row<'second'> {}
/** No row of the table: `explain` says why. */
export interface Invalid extends Row<'invalid'> {}

export type Op =
  | Alu
  | MoveSigned
  | Negate
  | ByteSwap
  | SpaceCast
  | Branch
  | Goto
  | GotoRegister
  | MayGoto
  | Call
  | Exit
  | Load
  | Store
  | Atomic
  | LoadAcquire
  | StoreRelease
  | Const
  | PacketLoad
  | Second
  | Invalid

/** A row before it has its number. */
type Numberless<T> = T extends Op ? Omit<T, 'id'> : never
export type OpRow = Numberless<Op>
