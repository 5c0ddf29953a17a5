import { CLASS, MODE, SIZE, SOURCE } from './encoding.ts'
import type { AluOperator, AtomicOperator, Bytes, Condition, Fields, Fixed, Op, Operand, OpRow, Pseudo } from './op.ts'

/**
 * The opcode table: every instruction of version 4 of the instruction set and what Linux 7.3 adds to it, one row each.
 * Assembler, disassembler, interpreter, verifier and compiler read it. Sources: RFC 9669; Linux 7.3 for load-acquire and
 * store-release, addr_space_cast, may_goto, and jumps through registers.
 */

/** Operator, code, and the offset that selects it. */
const ALU: readonly (readonly [AluOperator, number, number])[] = [
  ['add', 0x00, 0],
  ['sub', 0x10, 0],
  ['mul', 0x20, 0],
  ['div', 0x30, 0],
  ['sdiv', 0x30, 1],
  ['or', 0x40, 0],
  ['and', 0x50, 0],
  ['lsh', 0x60, 0],
  ['rsh', 0x70, 0],
  ['mod', 0x90, 0],
  ['smod', 0x90, 1],
  ['xor', 0xa0, 0],
  ['mov', 0xb0, 0],
  ['arsh', 0xc0, 0],
]
const NEG = 0x80
const MOV = 0xb0
const END = 0xd0

const CONDITIONS: readonly (readonly [Condition, number])[] = [
  ['eq', 0x10],
  ['gt', 0x20],
  ['ge', 0x30],
  ['set', 0x40],
  ['ne', 0x50],
  ['sgt', 0x60],
  ['sge', 0x70],
  ['lt', 0xa0],
  ['le', 0xb0],
  ['slt', 0xc0],
  ['sle', 0xd0],
]
const JA = 0x00
const CALL = 0x80
const EXIT = 0x90
const JCOND = 0xe0

/** Letter, bytes, code. */
const SIZES: readonly (readonly [string, Bytes, number])[] = [
  ['b', 1, SIZE.B],
  ['h', 2, SIZE.H],
  ['w', 4, SIZE.W],
  ['dw', 8, SIZE.DW],
]

/** Name, operator, whether the old value is fetched, immediate. */
const ATOMICS: readonly (readonly [string, AtomicOperator, boolean, number])[] = [
  ['add', 'add', false, 0x00],
  ['or', 'or', false, 0x40],
  ['and', 'and', false, 0x50],
  ['xor', 'xor', false, 0xa0],
  ['fetch_add', 'add', true, 0x01],
  ['fetch_or', 'or', true, 0x41],
  ['fetch_and', 'and', true, 0x51],
  ['fetch_xor', 'xor', true, 0xa1],
  ['xchg', 'xchg', true, 0xe1],
  ['cmpxchg', 'cmpxchg', true, 0xf1],
]
const LOAD_ACQUIRE = 0x100
const STORE_RELEASE = 0x110

/** By source field: what the 64 bits are, and whether the second immediate means something. */
const PSEUDOS: readonly (readonly [Pseudo, boolean])[] = [
  ['number', true],
  ['map', false],
  ['mapValue', true],
  ['variable', true],
  ['function', false],
  ['mapIndex', false],
  ['mapValueIndex', true],
]
const CALLEES = ['helper', 'subprogram', 'kfunc'] as const
const WIDTHS = [32, 64] as const
const OPERANDS: readonly Operand[] = ['imm', 'reg']

const aluClass = (width: 32 | 64): number => (width === 32 ? CLASS.ALU : CLASS.ALU64)
const source = (operand: Operand): number => (operand === 'imm' ? SOURCE.K : SOURCE.X)
const operandField = (operand: Operand): Fields => (operand === 'imm' ? { imm: 'number' } : { src: true })
const offset = (off: number): Fixed => (off ? { off } : {})

const arithmetic = (width: 32 | 64): OpRow[] =>
  ALU.flatMap(([operator, code, off]) =>
    OPERANDS.map((operand): OpRow => {
      const opcode = aluClass(width) | code | source(operand)
      const fields = { dst: true, ...operandField(operand) } as const
      return {
        kind: 'alu',
        name: `${operator}${width} ${operand}`,
        opcode,
        fields,
        fixed: offset(off),
        operator,
        width,
        operand,
      }
    }),
  )

const negations = WIDTHS.map((width): OpRow => {
  return { kind: 'neg', name: `neg${width}`, opcode: aluClass(width) | NEG, fields: { dst: true }, fixed: {}, width }
})

const signedMoves = WIDTHS.flatMap((width) =>
  ([8, 16, 32] as const)
    .filter((from) => from < width)
    .map((from): OpRow => {
      const opcode = aluClass(width) | MOV | SOURCE.X
      return {
        kind: 'movsx',
        name: `movsx${from}to${width}`,
        opcode,
        fields: { dst: true, src: true },
        fixed: { off: from },
        from,
        width,
      }
    }),
)

const swaps = (['le', 'be', 'swap'] as const).flatMap((order) =>
  ([16, 32, 64] as const).map((width): OpRow => {
    const opcode = END | (order === 'swap' ? CLASS.ALU64 : CLASS.ALU) | (order === 'be' ? SOURCE.X : SOURCE.K)
    const name = `${order === 'swap' ? 'bswap' : order}${width}`
    return { kind: 'swap', name, opcode, fields: { dst: true }, fixed: { imm: width }, order, width }
  }),
)

const casts = (
  [
    ['plain', 1],
    ['arena', 0x10000],
  ] as const
).map(([to, imm]): OpRow => {
  const opcode = CLASS.ALU64 | MOV | SOURCE.X
  return { kind: 'cast', name: `cast_${to}`, opcode, fields: { dst: true, src: true }, fixed: { off: 1, imm }, to }
})

const branches = WIDTHS.flatMap((width) =>
  CONDITIONS.flatMap(([condition, code]) =>
    OPERANDS.map((operand): OpRow => {
      const opcode = (width === 32 ? CLASS.JMP32 : CLASS.JMP) | code | source(operand)
      const fields = { dst: true, off: 'jump', ...operandField(operand) } as const
      return {
        kind: 'branch',
        name: `j${condition}${width} ${operand}`,
        opcode,
        fields,
        fixed: {},
        condition,
        width,
        operand,
      }
    }),
  ),
)

const jumps: readonly OpRow[] = [
  { kind: 'goto', name: 'goto', opcode: CLASS.JMP | JA, fields: { off: 'jump' }, fixed: {} },
  { kind: 'goto', name: 'gotol', opcode: CLASS.JMP32 | JA, fields: { imm: 'jump' }, fixed: {} },
  { kind: 'gotox', name: 'gotox', opcode: CLASS.JMP | JA | SOURCE.X, fields: { dst: true }, fixed: {} },
  { kind: 'mayGoto', name: 'may_goto', opcode: CLASS.JMP | JCOND, fields: { off: 'jump' }, fixed: {} },
  { kind: 'exit', name: 'exit', opcode: CLASS.JMP | EXIT, fields: {}, fixed: {} },
]

const calls = CALLEES.map((callee, src): OpRow => {
  const fields = { imm: 'callee', ...(callee === 'kfunc' && { off: 'index' as const }) } as const
  return { kind: 'call', name: `call ${callee}`, opcode: CLASS.JMP | CALL, fields, fixed: { src }, callee }
})

const loads = SIZES.flatMap(([letter, bytes, size]) =>
  [false, true]
    .filter((signed) => !(signed && bytes === 8))
    .map((signed): OpRow => {
      const opcode = CLASS.LDX | size | (signed ? MODE.MEMSX : MODE.MEM)
      const name = `ldx${signed ? 's' : ''}${letter}`
      return { kind: 'load', name, opcode, fields: { dst: true, src: true, off: 'memory' }, fixed: {}, bytes, signed }
    }),
)

const stores = SIZES.flatMap(([letter, bytes, size]) =>
  OPERANDS.map((operand): OpRow => {
    const opcode = (operand === 'imm' ? CLASS.ST : CLASS.STX) | size | MODE.MEM
    const fields = { dst: true, off: 'memory', ...operandField(operand) } as const
    return {
      kind: 'store',
      name: `st${operand === 'imm' ? '' : 'x'}${letter}`,
      opcode,
      fields,
      fixed: {},
      bytes,
      operand,
    }
  }),
)

const REGISTERS_AND_OFFSET = { dst: true, src: true, off: 'memory' } as const

const atomics = ([4, 8] as const).flatMap((bytes) =>
  ATOMICS.map(([word, operator, fetch, imm]): OpRow => {
    const opcode = CLASS.STX | MODE.ATOMIC | (bytes === 4 ? SIZE.W : SIZE.DW)
    const name = fetch ? `${word}${bytes * 8}` : `lock_${word}${bytes * 8}`
    return { kind: 'atomic', name, opcode, fields: REGISTERS_AND_OFFSET, fixed: { imm }, operator, bytes, fetch }
  }),
)

const ordered = SIZES.flatMap(([, bytes, size]): OpRow[] => {
  const row = { opcode: CLASS.STX | MODE.ATOMIC | size, fields: REGISTERS_AND_OFFSET, bytes }
  return [
    { ...row, kind: 'loadAcquire', name: `load_acquire${bytes * 8}`, fixed: { imm: LOAD_ACQUIRE } },
    { ...row, kind: 'storeRelease', name: `store_release${bytes * 8}`, fixed: { imm: STORE_RELEASE } },
  ]
})

const constants = PSEUDOS.map(([pseudo, high], src): OpRow => {
  const fields = { dst: true, imm: 'number', ...(high && { high }) } as const
  return {
    kind: 'const',
    name: `lddw ${pseudo}`,
    opcode: CLASS.LD | SIZE.DW | MODE.IMM,
    fields,
    fixed: { src },
    pseudo,
  }
})

const packetLoads = SIZES.flatMap(([letter, bytes, size]) =>
  (['abs', 'ind'] as const).flatMap((at): OpRow[] => {
    if (bytes === 8) return []
    const opcode = CLASS.LD | size | (at === 'abs' ? MODE.ABS : MODE.IND)
    const fields = { imm: 'number', ...(at === 'ind' && { src: true as const }) } as const
    return [{ kind: 'packet', name: `ld${at}${letter}`, opcode, fields, fixed: {}, at, bytes }]
  }),
)

const ROWS: readonly OpRow[] = [
  { kind: 'invalid', name: 'invalid', opcode: -1, fields: {}, fixed: {} },
  { kind: 'second', name: 'second slot', opcode: 0, fields: { imm: 'number' }, fixed: {} },
  ...arithmetic(32),
  ...arithmetic(64),
  ...negations,
  ...signedMoves,
  ...swaps,
  ...casts,
  ...branches,
  ...jumps,
  ...calls,
  ...loads,
  ...stores,
  ...atomics,
  ...ordered,
  ...constants,
  ...packetLoads,
]

/** All rows by id. 0 is `invalid`, 1 is `second`. */
export const OPS: readonly Op[] = ROWS.map((row, id): Op => ({ ...row, id }))
/** Id of what no row describes. */
export const INVALID = 0
/** Id of the second slot of an LD_IMM64. */
export const SECOND = 1

const NAMES = new Map(OPS.map((op) => [op.name, op]))

/** The row called `name`. Throws a RangeError if there is none. */
export function opNamed(name: string): Op {
  const op = NAMES.get(name)
  if (!op) throw new RangeError(`no instruction is called "${name}"`)
  return op
}

/** Rows that share an opcode byte, by that byte. `second` is not among them: only its place makes it one. */
export const OPS_BY_OPCODE: readonly (readonly Op[])[] = Array.from({ length: 256 }, (_, opcode) =>
  OPS.filter((op) => op.opcode === opcode && op.kind !== 'second'),
)
