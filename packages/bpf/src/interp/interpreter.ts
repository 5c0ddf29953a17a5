import type { Engine, Program, Runnable } from '../run/engine.ts'
import { ProgramException } from '../run/fault.ts'
import type { Machine } from '../run/machine.ts'
import { newRun } from './execution.ts'
import { callFunction, slotOf } from './step.ts'

/**
 * The reference engine: slow, and plain enough to be read beside RFC 9669. Everything else is held against it.
 *
 * Registers are 64-bit unsigned BigInts. Refuses addr_space_cast (`instruction` fault): it has no arenas.
 */
export function interpreter(machine: Machine): Engine {
  const programs = new Map<number, Program>()
  return {
    name: 'interpreter',
    load(program) {
      programs.set(program.number, program)
      return runnable(machine, programs, program)
    },
    progArraysChanged() {
      // They are read at each call.
    },
    unload(number) {
      programs.delete(number)
    },
  }
}

function runnable(machine: Machine, programs: ReadonlyMap<number, Program>, program: Program): Runnable {
  const start = (slot: number, fp: number, args: readonly number[]): bigint => {
    try {
      return callFunction(newRun(machine, programs, fp), program, slot, fp, args)
    } catch (error) {
      if (error instanceof ProgramException) return error.cookie
      throw error
    }
  }
  const low = (r0: bigint): number => Number(BigInt.asIntN(32, r0))
  return {
    program,
    run: (r1, r2, fp) => low(start(0, fp, [r1, r2])),
    run64: (r1, r2, fp) => start(0, fp, [r1, r2]),
    callback: (func, fp, ...args) => low(start(slotOf(func), fp, args)),
  }
}
