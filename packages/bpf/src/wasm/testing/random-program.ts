import { type Code, emptyCode, identifyAll } from '../../isa/code.ts'
import type { Op } from '../../isa/op.ts'
import { OPS, opNamed } from '../../isa/table.ts'
import { HELPER, PROG_ARRAY } from './machine.ts'
import type { Random } from './random.ts'

/** What a random program may do. */
export interface Options {
  /** Only what a verifier would let through: no fault, no endless loop, no read of what was never written. */
  readonly safe: boolean
  /** Instructions of a function, about. */
  readonly size: number
}

interface Line {
  readonly op: Op
  dst: number
  src: number
  off: number
  imm: number
  /** Upper half of an LD_IMM64. */
  readonly next?: number
  /** Line that it jumps to; becomes a distance. */
  target?: number
  /** Function that it calls. */
  callee?: number
}

/** Bytes at the start of the data window that programs load from and store to. */
export const DATA_BYTES = 128
/** R9 points to the data window, R8 bounds loops. */
const DATA = 9
const FUEL = 8
const WORK = [0, 1, 2, 3, 4, 5, 6, 7]

const rowsOf = <K extends Op['kind']>(kind: K): Extract<Op, { kind: K }>[] =>
  OPS.filter((op): op is Extract<Op, { kind: K }> => op.kind === kind)

const ALU = rowsOf('alu')
const PURE = [...ALU, ...ALU, ...rowsOf('movsx'), ...rowsOf('neg'), ...rowsOf('swap')]
const BRANCH = rowsOf('branch')
const LOAD = [...rowsOf('load'), ...rowsOf('load'), ...rowsOf('loadAcquire')]
const STORE = [...rowsOf('store'), ...rowsOf('store'), ...rowsOf('storeRelease')]
const ATOMIC = rowsOf('atomic')
const PACKET = rowsOf('packet')
/** Without what leaves registers undefined, and what the compiler refuses. */
const ANY = OPS.filter(({ id, kind }) => id > 1 && !['call', 'packet', 'gotox', 'cast', 'const'].includes(kind))
const CALL = opNamed('call helper')
const CALL_LOCAL = opNamed('call subprogram')
const FUNCTIONS = 3

/** A program of a main function and some subprograms, in which anything may jump anywhere inside its function. */
export function randomProgram(random: Random, options: Options): Code {
  const functions = Array.from({ length: FUNCTIONS }, (_, index) => new FunctionMaker(random, options, index).make())
  const lines = functions.flat()
  const starts = functions.map((_, i) => functions.slice(0, i).flat().length)
  return encodeLines(lines, functions, starts)
}

function encodeLines(lines: readonly Line[], functions: readonly Line[][], starts: readonly number[]): Code {
  const slotOf: number[] = []
  let slots = 0
  for (const line of lines) {
    slotOf.push(slots)
    slots += line.next === undefined ? 1 : 2
  }
  slotOf.push(slots)
  const code = emptyCode(slots)
  let at = 0
  for (const [f, list] of functions.entries()) {
    for (const line of list) {
      const slot = slotOf[at++]
      const goal =
        line.callee !== undefined
          ? slotOf[starts[line.callee]]
          : line.target !== undefined
            ? slotOf[starts[f] + line.target]
            : -1
      if (goal >= 0 && line.op.fields.off === 'jump') line.off = goal - slot - 1
      else if (goal >= 0) line.imm = goal - slot - 1
      code.opcode[slot] = line.op.opcode
      code.dst[slot] = line.dst
      code.src[slot] = line.op.fields.src ? line.src : (line.op.fixed.src ?? 0)
      code.off[slot] = line.op.fields.off ? line.off : (line.op.fixed.off ?? 0)
      code.imm[slot] = line.op.fields.imm ? line.imm : (line.op.fixed.imm ?? 0)
      if (line.next !== undefined) code.imm[slot + 1] = line.next
    }
  }
  identifyAll(code)
  return code
}

class FunctionMaker {
  readonly #random: Random
  readonly #options: Options
  readonly #index: number
  readonly #lines: Line[] = []

  constructor(random: Random, options: Options, index: number) {
    this.#random = random
    this.#options = options
    this.#index = index
  }

  make(): Line[] {
    const random = this.#random
    this.#prologue()
    const first = this.#lines.length
    const count = 4 + random.below(this.#options.size)
    while (this.#lines.length - first < count) this.#step()
    this.#add('exit')
    this.#link(first)
    return this.#lines
  }

  #add(name: string, fields: Partial<Line> = {}): Line {
    const line = { op: opNamed(name), dst: 0, src: 0, off: 0, imm: 0, ...fields }
    this.#lines.push(line)
    return line
  }

  #addOp(op: Op, fields: Partial<Line>): void {
    this.#add(op.name, fields)
  }

  /** Gives every register and the part of the stack that is used a value. */
  #prologue(): void {
    const random = this.#random
    if (this.#index === 0) this.#add('mov64 reg', { dst: DATA, src: 1 })
    else this.#add('lddw number', { dst: DATA, imm: PROG_ARRAY.data, next: 0 })
    for (const dst of WORK) this.#number(dst)
    this.#add('mov64 imm', { dst: FUEL, imm: this.#index === 0 ? 6 : 2 })
    for (let slot = 1; slot <= 8; slot++) this.#add('stxdw', { dst: 10, src: random.pick(WORK), off: -8 * slot })
  }

  #number(dst: number): void {
    const random = this.#random
    if (random.chance(50)) this.#add('mov64 imm', { dst, imm: random.imm() })
    else this.#add('lddw number', { dst, imm: random.imm(), next: random.imm() })
  }

  #step(): void {
    const random = this.#random
    const kind = random.below(100)
    if (kind < 45) this.#pure()
    else if (kind < 57) this.#access(random.pick(LOAD))
    else if (kind < 67) this.#access(random.pick(STORE))
    else if (kind < 71) this.#access(random.pick(ATOMIC))
    else if (kind < 87) this.#jump()
    else if (kind < 92) this.#call()
    else if (kind < 94) this.#number(random.pick(WORK))
    else if (kind < 96) this.#bytes()
    else if (kind < 98) this.#rotation()
    else if (!this.#options.safe && random.chance(20)) this.#odd()
    else this.#pure()
  }

  /** What compilers do not do. */
  #odd(): void {
    const random = this.#random
    if (random.chance(50)) this.#add('exit')
    else this.#addOp(random.pick(ANY), { dst: random.pick(WORK), imm: random.imm(), off: random.below(8) })
  }

  #pure(): void {
    const random = this.#random
    const op = random.pick(PURE)
    const imm =
      op.kind === 'alu' && ['lsh', 'rsh', 'arsh'].includes(op.operator) ? random.below(op.width) : random.imm()
    this.#addOp(op, { dst: random.pick(WORK), src: random.pick([...WORK, ...WORK, FUEL]), imm })
  }

  #access(op: Extract<Op, { bytes: number }>): void {
    const random = this.#random
    const { bytes } = op
    const aligned = op.kind === 'atomic' || op.kind === 'loadAcquire' || op.kind === 'storeRelease' || random.chance(70)
    const step = aligned ? bytes : 1
    const isStack = random.chance(50)
    const room = isStack ? 64 : DATA_BYTES
    let off = Math.floor(random.below(room - bytes + 1) / step) * step - (isStack ? 64 : 0)
    let base = isStack ? 10 : DATA
    if (!this.#options.safe && random.chance(1)) base = random.pick(WORK)
    if (!this.#options.safe && random.chance(1)) off = (random.imm() << 16) >> 16
    const isLoad = op.kind === 'load' || op.kind === 'loadAcquire'
    const other = random.pick(WORK)
    this.#addOp(op, isLoad ? { dst: other, src: base, off } : { dst: base, src: other, off, imm: random.imm() })
  }

  #jump(): void {
    const random = this.#random
    const kind = random.below(12)
    if (kind === 0) this.#add(random.pick(['goto', 'gotol']), { target: -1 })
    else if (kind === 1) this.#add('may_goto', { target: -1 })
    else {
      if (this.#options.safe) {
        this.#add('add64 imm', { dst: FUEL, imm: -1 })
        this.#setUp.add(this.#lines.length)
      }
      this.#addOp(random.pick(BRANCH), {
        dst: random.pick(WORK),
        src: random.pick(WORK),
        imm: random.imm(),
        target: -1,
      })
    }
  }

  #call(): void {
    const random = this.#random
    const kind = random.below(8)
    const first = this.#lines.length
    if (kind === 0 && this.#index < FUNCTIONS - 1) this.#callLocal()
    else if (kind === 1) {
      this.#add('mov64 reg', { dst: 1, src: DATA })
      this.#add('lddw number', { dst: 2, imm: PROG_ARRAY.handle, next: 0 })
      this.#add('mov64 imm', { dst: 3, imm: random.below(6) })
      this.#addOp(CALL, { imm: 12 })
    } else if (kind === 2) {
      this.#add('mov64 reg', { dst: 6, src: DATA })
      this.#addOp(random.pick(PACKET), { src: random.pick(WORK), imm: random.below(64) })
    } else if (kind === 3) {
      this.#add('mov64 reg', { dst: 1, src: 10 })
      this.#add('add64 imm', { dst: 1, imm: -8 * (1 + random.below(8)) })
      this.#addOp(CALL, { imm: HELPER.touch })
    } else if (kind === 4 && this.#index < FUNCTIONS - 1) {
      this.#add('lddw function', {
        dst: 1,
        callee: this.#index + 1 + random.below(FUNCTIONS - 1 - this.#index),
        next: 0,
      })
      this.#addOp(CALL, { imm: HELPER.callBack })
    } else this.#addOp(CALL, { imm: random.pick([HELPER.mix, HELPER.wide, HELPER.nothing, HELPER.mix]) })
    for (let line = first + 1; line < this.#lines.length; line++) this.#setUp.add(line)
    if (!this.#options.safe && random.chance(2)) this.#addOp(CALL, { imm: 999 })
    for (const dst of [1, 2, 3, 4, 5]) this.#number(dst)
  }

  #callLocal(): void {
    const { safe } = this.#options
    const random = this.#random
    const callee = safe ? this.#index + 1 + random.below(FUNCTIONS - 1 - this.#index) : random.below(FUNCTIONS)
    this.#addOp(CALL_LOCAL, { callee })
  }

  /** A number put together from bytes, as compilers do. */
  #bytes(): void {
    const random = this.#random
    const off = random.below(DATA_BYTES - 4)
    const [a, b] = random.chance(50) ? [0, 1] : [1, 0]
    this.#add('ldxb', { dst: 1, src: DATA, off: off + a })
    this.#add('ldxb', { dst: 2, src: DATA, off: off + b })
    this.#add('lsh64 imm', { dst: 2, imm: 8 })
    this.#add(random.pick(['or64 reg', 'add64 reg', 'or32 reg']), { dst: 1, src: 2 })
    if (random.chance(50)) return
    this.#add('ldxb', { dst: 3, src: DATA, off: off + 2 + a })
    this.#add('ldxb', { dst: 4, src: DATA, off: off + 2 + b })
    this.#add('lsh64 imm', { dst: 4, imm: 8 })
    this.#add('or64 reg', { dst: 3, src: 4 })
    this.#add('lsh64 imm', { dst: random.pick([1, 3]), imm: 16 })
    this.#add('or64 reg', { dst: 1, src: 3 })
  }

  #rotation(): void {
    const random = this.#random
    const [a, b, c] = [random.pick(WORK), random.pick(WORK), random.pick(WORK)]
    const width = random.pick([32, 64])
    const count = 1 + random.below(width - 1)
    this.#add(`mov${width} reg`, { dst: a, src: c })
    this.#add(`mov${width} reg`, { dst: b, src: c })
    this.#add(`lsh${width} imm`, { dst: a, imm: count })
    this.#add(`rsh${width} imm`, { dst: b, imm: width - count })
    this.#add(`${random.pick(['or', 'xor', 'add'])}${width} reg`, { dst: a, src: b })
  }

  /** Gives jumps their targets. Safe programs go back only while there is fuel. */
  #link(first: number): void {
    const random = this.#random
    const { safe } = this.#options
    const last = this.#lines.length - 1
    // Targets are lines that nothing needs to have been run before.
    const allowed = this.#lines.map((_, i) => i).filter((i) => i >= first && i <= last && this.#isStart(i))
    for (const [i, line] of this.#lines.entries()) {
      if (line.target === undefined) continue
      const after = allowed.filter((to) => to > i)
      const isBack = random.chance(35)
      if (!safe) line.target = random.pick(isBack ? allowed : after)
      else if (isBack && line.op.kind === 'branch') Object.assign(line, this.#bounded(random.pick(allowed)))
      else line.target = random.pick(after)
    }
  }

  /** A jump back that is taken only while R8, which falls whenever one is met, is above zero. */
  #bounded(target: number): Partial<Line> {
    return { op: opNamed('jsgt64 imm'), dst: FUEL, src: 0, imm: 0, target }
  }

  /** Jumping into the middle of a call's set-up would use registers that it left undefined. */
  #isStart(i: number): boolean {
    return !this.#setUp.has(i)
  }

  readonly #setUp = new Set<number>()
}
