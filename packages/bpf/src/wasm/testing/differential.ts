import { disassemble } from '../../asm/disassemble.ts'
import { interpreter } from '../../interp/interpreter.ts'
import type { Code } from '../../isa/code.ts'
import type { Engine, Runnable } from '../../run/engine.ts'
import { BpfFault } from '../../run/fault.ts'
import { wasmEngine } from '../engine.ts'
import { difference, PROG_ARRAY, reset, STACK_TOP, testMachine, windowsOf } from './machine.ts'
import { Random } from './random.ts'
import { DATA_BYTES, randomProgram } from './random-program.ts'

const BUDGET = 300
/** Programs of a seed; they call each other through a prog array. */
export const PROGRAMS = 3

/** Two engines, each with a machine of its own. */
export class Differential {
  readonly #machines
  readonly #engines: readonly Engine[]
  readonly #safe: boolean

  /** @param safe Whether programs run as verified ones. */
  constructor(safe: boolean, shared: boolean) {
    this.#safe = safe
    this.#machines = [testMachine(BUDGET), testMachine(BUDGET, shared)]
    this.#engines = [interpreter(this.#machines[0]), wasmEngine(this.#machines[1])]
  }

  /** Runs each of a seed's programs on both; what differs, with the programs, or undefined. */
  compare(seed: number): string | undefined {
    const random = new Random(seed)
    const safe = this.#safe
    const codes = Array.from({ length: PROGRAMS }, () => randomProgram(random, { safe, size: 3 + random.below(30) }))
    const loaded = this.#engines.map((engine) => codes.map((code, i) => this.#load(engine, code, i + 1)))
    for (let entry = 0; entry < PROGRAMS; entry++) {
      const bytes = Array.from({ length: 256 }, () => random.u32())
      for (const { memory } of this.#machines) reset(memory, (i) => bytes[i])
      const [want, got] = loaded.map((programs) => outcome(programs[entry]))
      const found =
        want === got ? difference(this.#machines[0].memory, this.#machines[1].memory, !safe) : `${want} and ${got}`
      if (found)
        return `seed ${seed}, program ${entry + 1}: ${found}\n${codes
          .map((code) =>
            disassemble(code)
              .map(({ slot, text }) => `${slot}: ${text}`)
              .join('\n'),
          )
          .join('\n\n')}`
    }
    return undefined
  }

  #load(engine: Engine, code: Code, number: number): Runnable {
    const program = { number, name: `random${number}`, code }
    return engine.load(this.#safe ? program : { ...program, unverified: { windows: windowsOf(DATA_BYTES) } })
  }
}

/** R0 of a run, or its fault, as text. */
function outcome(runnable: Runnable): string {
  try {
    return runnable.run64(PROG_ARRAY.data, DATA_BYTES, STACK_TOP).toString(16)
  } catch (error) {
    if (error instanceof BpfFault) return error.message
    throw error
  }
}
