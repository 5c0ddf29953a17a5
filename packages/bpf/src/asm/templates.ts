import type { Alu, AluOperator, Atomic, Branch, Bytes, Condition, Op, Pseudo } from '../isa/op.ts'
import { OPS } from '../isa/table.ts'

/**
 * How each instruction is written: the first template is how the kernel's verifier and bpftool print it, the others are
 * read as well (LLVM and GNU write them so). What stands in braces:
 *
 * - `{dst}`, `{src}`: register number, written after the `r` or `w` that stands in the template
 * - `{off}`: signed byte offset with its sign, ` +8`
 * - `{imm}`, `{high}`: number; `{hex}`: immediate in hexadecimal; `{imm64}`: both immediates
 * - `{index}`: offset field as a number
 * - `{jump}`: target, `+3` or a label, of offset or immediate, whichever the instruction has
 * - `{helper}`: `bpf_name#id`, a name, or a number
 */

/** An operator as the kernel writes it, by name. */
export const ALU_SYMBOLS: Readonly<Record<AluOperator, string>> = {
  add: '+=',
  sub: '-=',
  mul: '*=',
  div: '/=',
  sdiv: 's/=',
  or: '|=',
  and: '&=',
  lsh: '<<=',
  rsh: '>>=',
  mod: '%=',
  smod: 's%=',
  xor: '^=',
  mov: '=',
  arsh: 's>>=',
}

const CONDITION_SYMBOLS: Readonly<Record<Condition, string>> = {
  eq: '==',
  gt: '>',
  ge: '>=',
  set: '&',
  ne: '!=',
  sgt: 's>',
  sge: 's>=',
  lt: '<',
  le: '<=',
  slt: 's<',
  sle: 's<=',
}

const ATOMIC_SYMBOLS = { add: '+=', or: '|=', and: '&=', xor: '^=' } as const

const PSEUDO_TEMPLATES: Readonly<Record<Pseudo, readonly string[]>> = {
  number: ['r{dst} = {imm64} ll'],
  map: ['r{dst} = map[fd:{imm}]'],
  mapValue: ['r{dst} = map[fd:{imm}][0]+{high}'],
  variable: ['r{dst} = ksym[id:{imm}] btf[fd:{high}]', 'r{dst} = ksym[id:{imm}]'],
  function: ['r{dst} = subprog[{jump}]', 'r{dst} = &{jump}'],
  mapIndex: ['r{dst} = map[idx:{imm}]'],
  mapValueIndex: ['r{dst} = map[idx:{imm}][0]+{high}'],
}

const letter = (width: 32 | 64): string => (width === 32 ? 'w' : 'r')
const type = (bytes: Bytes, signed = false): string => `${signed ? 's' : 'u'}${bytes * 8}`

function alu(op: Alu): string[] {
  const w = letter(op.width)
  return [`${w}{dst} ${ALU_SYMBOLS[op.operator]} ${op.operand === 'imm' ? '{imm}' : `${w}{src}`}`]
}

function branch(op: Branch): string[] {
  const w = letter(op.width)
  const operand = op.operand === 'imm' ? '{hex}' : `${w}{src}`
  return [`if ${w}{dst} ${CONDITION_SYMBOLS[op.condition]} ${operand} goto {jump}`]
}

function atomic(op: Atomic): string[] {
  const [linux, w, other] = op.bytes === 8 ? ['atomic64', 'r', '64'] : ['atomic', 'w', '32']
  const place = `(${type(op.bytes)} *)(r{dst}{off})`
  if (op.operator === 'cmpxchg') {
    const llvm = op.bytes === 8 ? 'cmpxchg_64' : 'cmpxchg32_32'
    return [`r0 = ${linux}_cmpxchg(${place}, r0, r{src})`, `${w}0 = ${llvm}(r{dst}{off}, ${w}0, ${w}{src})`]
  }
  if (op.operator === 'xchg') {
    const llvm = op.bytes === 8 ? 'xchg_64' : 'xchg32_32'
    return [`r{src} = ${linux}_xchg(${place}, r{src})`, `${w}{src} = ${llvm}(r{dst}{off}, ${w}{src})`]
  }
  if (op.fetch) {
    const name = `fetch_${op.operator}`
    return [`r{src} = ${linux}_${name}(${place}, r{src})`, `${w}{src} = atomic_${name}(${place}, ${w}{src})`]
  }
  const locked = `lock *(${type(op.bytes)} *)(r{dst}{off}) ${ATOMIC_SYMBOLS[op.operator]} `
  return other === '32' ? [`${locked}r{src}`, `${locked}w{src}`] : [`${locked}r{src}`]
}

/** All spellings of an instruction, Linux's first; none for rows that are not instructions. */
function templatesOf(op: Op): readonly string[] {
  switch (op.kind) {
    case 'alu':
      return alu(op)
    case 'movsx':
      return [`${letter(op.width)}{dst} = (s${op.from})${letter(op.width)}{src}`]
    case 'neg':
      return [`${letter(op.width)}{dst} = -${letter(op.width)}{dst}`]
    case 'swap':
      return [`r{dst} = ${op.order === 'swap' ? 'bswap' : op.order}${op.width} r{dst}`]
    case 'cast':
      return [`r{dst} = addr_space_cast(r{src}, ${op.to === 'plain' ? '0, 1' : '1, 0'})`]
    case 'branch':
      return branch(op)
    case 'goto':
      return [`${op.name} {jump}`]
    case 'gotox':
      return ['gotox r{dst}']
    case 'mayGoto':
      return ['may_goto {jump}']
    case 'call':
      return {
        helper: ['call {helper}'],
        subprogram: ['call {jump}'],
        kfunc: ['call kfunc {imm} fd {index}', 'call kfunc {imm}'],
      }[op.callee]
    case 'exit':
      return ['exit']
    case 'load': {
      const from = `*(${type(op.bytes, op.signed)} *)(r{src}{off})`
      return op.bytes === 8 || op.signed ? [`r{dst} = ${from}`] : [`r{dst} = ${from}`, `w{dst} = ${from}`]
    }
    case 'store': {
      const to = `*(${type(op.bytes)} *)(r{dst}{off}) = `
      if (op.operand === 'imm') return [`${to}{imm}`]
      return op.bytes === 8 ? [`${to}r{src}`] : [`${to}r{src}`, `${to}w{src}`]
    }
    case 'atomic':
      return atomic(op)
    case 'loadAcquire': {
      const call = `load_acquire((${type(op.bytes)} *)(r{src}{off}))`
      return op.bytes === 8 ? [`r{dst} = ${call}`] : [`r{dst} = ${call}`, `w{dst} = ${call}`]
    }
    case 'storeRelease': {
      const call = `store_release((${type(op.bytes)} *)(r{dst}{off}), `
      return op.bytes === 8 ? [`${call}r{src})`] : [`${call}r{src})`, `${call}w{src})`]
    }
    case 'const':
      return PSEUDO_TEMPLATES[op.pseudo]
    case 'packet':
      return [`r0 = *(${type(op.bytes)} *)skb[${op.at === 'ind' ? 'r{src} + ' : ''}{imm}]`]
    case 'second':
    case 'invalid':
      return []
  }
}

/** By op id. */
export const TEMPLATES: readonly (readonly string[])[] = OPS.map(templatesOf)
