import type { Code } from '../isa/code.ts'
import type { Window } from './machine.ts'

/**
 * A program that is ready to run.
 *
 * `code` holds main from slot 0 on and all its subprograms; each LD_IMM64 is of kind `number` (map handles and addresses of values
 * are filled in) or `function`. A subprogram starts at slot 0 and wherever a `call subprogram` or an LD_IMM64 of kind
 * `function` points. What the latter loads is up to the engine: a non-zero u32 that means something to `Machine.invoke` only.
 */
export interface Program {
  /** 1 or more, unique among the programs of the machine; what prog arrays hold. */
  readonly number: number
  readonly name: string
  readonly code: Code
  /**
   * Absent for verified programs: engines then check nothing, may use the low half of an address alone, and count only may_goto.
   * Present for programs that nobody verified: every access must lie wholly inside one of these windows or of the run's stack
   * (`STACK_BYTES` below its `fp`, read and write), by its whole 64-bit address; the budget is counted; faults are exact.
   */
  readonly unverified?: { readonly windows: readonly Window[] }
}

/**
 * A program in the form of an engine.
 *
 * A run starts with R1 and R2 as given, zero-extended, R10 = `fp`, all other registers 0, tail call count 0. Frames lie
 * below each other: a subprogram's or callback's R10 is its caller's minus 512, whatever the caller uses of its frame.
 * `STACK_BYTES` below `fp` belong to the run; engines do not clear them. A run may happen inside a helper of another one, if
 * it gets a stack of its own.
 *
 * Rules that are easy to miss (RFC 9669 and Linux): division by zero gives 0, modulo by zero leaves dst (its low half in
 * 32-bit forms), MIN / −1 = MIN and MIN % −1 = 0; shift counts are masked by 63 or 31; 32-bit results are zero-extended. After a
 * call of any kind R1–R5 are undefined. A callee starts with R1–R5 of its caller and R6–R9 = 0, which a verified program
 * cannot see.
 *
 * A tail call that is taken keeps R1 and R10 of the current frame: the target starts as if run with (R1, 0, R10), and its exit is the
 * exit of the function that made the tail call; in a subprogram the caller goes on with the target's R0, as in Linux. The count of
 * tail calls is that of the run. One that is not taken (index beyond the array, empty slot, count used up) sets R0 to 0
 * and goes on. The depth of frames counts anew from a tail call on.
 */
export interface Runnable {
  readonly program: Program
  /** Runs once; returns the low half of R0 as an int32. Throws BpfFault if the program has to be stopped. */
  run(r1: number, r2: number, fp: number): number
  /** As `run`, and returns all of R0, unsigned. Slower. */
  run64(r1: number, r2: number, fp: number): bigint
  /** Calls a callback outside a run, as timers do: `func` is what the program passed to the helper. */
  callback(func: number, fp: number, r1: number, r2: number, r3: number, r4: number): number
}

/** The reference interpreter or the compiler, for one machine. */
export interface Engine {
  readonly name: string
  /** Throws nothing for odd code: invalid instructions fault when they are reached. */
  load(program: Program): Runnable
  /** Elements of prog arrays have changed: programs that call them by constant index may be joined with others now. */
  progArraysChanged(): void
  /** Forgets a program. Tail calls to its number fall through from now on. */
  unload(number: number): void
}
