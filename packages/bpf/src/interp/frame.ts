import type { Program } from '../run/engine.ts'
import { MAY_GOTO_BUDGET } from '../run/limits.ts'

/** Arguments after the fifth of a subprogram or kfunc: number k is at index k − 6. */
const STACK_ARGUMENTS = 7

/** One activation of a function. */
export class Frame {
  /** The program whose function this is. */
  readonly program: Program
  /** Slot to go on with: while a callee runs, that after the call. */
  next: number
  readonly fp: bigint
  /** Frames of this program that are active, this one included. */
  readonly depth: number
  mayGoto = MAY_GOTO_BUDGET
  /** R6–R9 while a callee runs. */
  readonly saved = new BigUint64Array(4)
  readonly incoming: BigUint64Array
  readonly outgoing = new BigUint64Array(STACK_ARGUMENTS)

  constructor(program: Program, start: number, fp: bigint, depth: number, incoming?: BigUint64Array) {
    this.program = program
    this.next = start
    this.fp = fp
    this.depth = depth
    this.incoming = incoming?.slice() ?? new BigUint64Array(STACK_ARGUMENTS)
  }

  /** The place of the argument that a load or store based on R11 means; undefined if there is none. */
  argument(offset: number, store: boolean): { readonly array: BigUint64Array; readonly index: number } | undefined {
    const distance = store ? -offset : offset
    const index = distance / 8 - 1
    if (distance % 8 !== 0 || index < 0 || index >= STACK_ARGUMENTS) return undefined
    return { array: store ? this.outgoing : this.incoming, index }
  }
}
