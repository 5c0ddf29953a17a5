import { I32, I64, type ValueType } from '../encode/opcodes.ts'
import { frame } from '../value/alu.ts'
import { extend, isConst, type Node, node, PSEUDO } from '../value/node.ts'
import type { Ending, Statement } from './statement.ts'

/** Expressions deeper than this are put into a local, so that writing them does not nest too deep. */
const DEEPEST = 100
export const FRAME_REGISTER = 10

/** What is known of a register where a block begins. */
export interface Fact {
  /** A number, or R10 plus a number, which takes no local; else undefined. */
  readonly known: Node | undefined
  readonly bits: number
}

export const NOTHING_KNOWN: Fact = { known: undefined, bits: 64 }

/** What two ways that meet agree about. */
export function agreed(a: Fact, b: Fact): Fact {
  const same = a.known && b.known && a.known.op === b.known.op && a.known.lo === b.known.lo && a.known.hi === b.known.hi
  return { known: same ? a.known : undefined, bits: Math.max(a.bits, b.bits) }
}

/** A block while its instructions are taken in: what its registers hold by now, and what has to happen. */
export class BlockBuilder {
  readonly statements: Statement[] = []
  readonly registers: Node[] = []
  /** Registers at the start. */
  readonly entry: readonly Node[]
  ending: Ending = { kind: 'jump' }
  /** Stores and calls so far. */
  epoch = 0

  constructor(entry: readonly Node[]) {
    this.entry = entry
    this.registers = [...entry]
  }

  get(register: number): Node {
    return this.registers[register]
  }

  set(register: number, value: Node): void {
    this.registers[register] = value.depth > DEEPEST ? this.settled(value) : value
  }

  /** A node for what a statement will put into a local. */
  result(type: ValueType, bits: number): Node {
    return node(PSEUDO.result, type, bits)
  }

  do(statement: Statement): void {
    this.statements.push(statement)
    if (statement.kind !== 'load') this.epoch++
  }

  /** R1 to R5 are undefined after calls. */
  forgetArguments(): void {
    const nothing = node(PSEUDO.const, I64, 0)
    for (let register = 1; register <= 5; register++) this.registers[register] = nothing
  }

  /** What is known of a register now. */
  fact(register: number): Fact {
    const value = this.registers[register]
    return { known: isConst(value) || value.op === PSEUDO.frame ? value : undefined, bits: value.bits }
  }

  private settled(value: Node): Node {
    const result = this.result(value.type, value.bits)
    this.statements.push({ kind: 'other', inputs: [value], result, frame: [], write: (writer) => writer.value(value) })
    return result
  }
}

/** Registers at the start of a block. */
export function entryRegisters(facts: readonly Fact[], locals: readonly number[], r10: Node): Node[] {
  const registers = facts.map(({ known, bits }, register) => {
    if (known)
      return known.op === PSEUDO.frame
        ? frame(known.lo)
        : node(PSEUDO.const, I64, known.bits, undefined, undefined, known.lo, known.hi)
    return node(PSEUDO.local, I64, bits, undefined, undefined, locals[register])
  })
  registers[FRAME_REGISTER] = r10
  return registers
}

/** R10 where accesses to the frame are not told apart: what the function was called with. */
export const plainFrame = (local: number): Node => extend(node(PSEUDO.local, I32, 32, undefined, undefined, local))
