import { FRAME_REGISTER } from '../isa/encoding.ts'
import type { Program } from '../run/engine.ts'
import { BpfFault } from '../run/fault.ts'
import { DEFAULT_BUDGET, FRAME_BYTES, MAX_FRAMES } from '../run/limits.ts'
import type { Machine, Window } from '../run/machine.ts'
import { Frame } from './frame.ts'
import { RunMemory } from './memory.ts'

/** What all functions and callbacks of one run share. */
export interface Run {
  readonly machine: Machine
  readonly programs: ReadonlyMap<number, Program>
  readonly memory: RunMemory
  /** Backward jumps and calls left. */
  budget: number
  tailCalls: number
}

export const newRun = (machine: Machine, programs: ReadonlyMap<number, Program>, fp: number): Run => {
  return {
    machine,
    programs,
    memory: new RunMemory(machine, fp),
    budget: machine.budget ?? DEFAULT_BUDGET,
    tailCalls: 0,
  }
}

/** Registers and frames from the start of a function, main or callback, to its end. */
export class Execution {
  readonly run: Run
  /** R0 to R10; unsigned. */
  readonly reg = new BigUint64Array(FRAME_REGISTER + 1)
  readonly frames: Frame[] = []

  constructor(run: Run, first: Frame) {
    this.run = run
    this.push(first)
  }

  get frame(): Frame {
    return this.frames[this.frames.length - 1]
  }

  get windows(): readonly Window[] | undefined {
    return this.frame.program.unverified?.windows
  }

  /** Goes on at `target`. `slot` is that of the jump. */
  jump(slot: number, target: number): void {
    if (target <= slot) this.spend(slot)
    this.frame.next = target
  }

  /** Enters the subprogram at `target`. */
  call(slot: number, target: number): void {
    const caller = this.frame
    this.spend(slot)
    caller.saved.set(this.reg.subarray(6, 10))
    this.push(this.below(slot, target, caller.outgoing))
  }

  /** A frame below the current one. Faults where Linux has no more frames. */
  below(slot: number, start: number, incoming?: BigUint64Array): Frame {
    const { program, fp, depth } = this.frame
    if (depth === MAX_FRAMES) throw new BpfFault('depth', slot)
    return new Frame(program, start, fp - BigInt(FRAME_BYTES), depth + 1, incoming)
  }

  /** Goes on as `program` in place of the current function: a tail call. */
  become(program: Program): void {
    const { fp } = this.frame
    this.frames.pop()
    this.reg.fill(0n, 2)
    this.push(new Frame(program, 0, fp, 1))
  }

  /** Leaves the current function. */
  exit(): void {
    this.frames.pop()
    if (this.frames.length === 0) return
    this.reg.set(this.frame.saved, 6)
    this.reg[FRAME_REGISTER] = this.frame.fp
  }

  /** Takes one from the budget of an unverified program. */
  spend(slot: number): void {
    if (!this.frame.program.unverified) return
    if (this.run.budget === 0) throw new BpfFault('budget', slot)
    this.run.budget--
  }

  private push(frame: Frame): void {
    this.frames.push(frame)
    this.reg.fill(0n, 6, 10)
    this.reg[FRAME_REGISTER] = frame.fp
  }
}
