import type { Code } from '../isa/code.ts'
import type { Engine, Program, Runnable } from '../run/engine.ts'
import { BpfFault, ProgramException } from '../run/fault.ts'
import type { Helper } from '../run/helper.ts'
import { DEFAULT_BUDGET, FRAME_BYTES, MAX_FRAMES } from '../run/limits.ts'
import type { Machine } from '../run/machine.ts'
import { FAULTS, GLOBALS, type GlobalName } from './block/context.ts'
import { constantTailCalls } from './fuse/constant-tail-calls.ts'
import { fuse } from './fuse/fuse.ts'
import { compile, type ImportedHelper } from './program.ts'
import { makeTrampoline, type Trampoline } from './trampoline.ts'
import { unrollLoops } from './unroll/unroll.ts'

/** Places that the table of programs starts with; it doubles. */
const LEAST_PLACES = 64

type Callback = (fp: number, r1: number, r2: number, r3: number, r4: number) => bigint

/** A machine whose memory programs can be compiled over. */
export interface WasmMachine extends Machine {
  readonly memory: WebAssembly.Memory
}

/**
 * The compiler: programs become WebAssembly modules over the machine's memory. Refuses, with an `instruction` fault where
 * it is reached, addr_space_cast, jumps through registers, and what writes R10.
 *
 * A verified program that leaves the memory, which the verifier excludes, ends with a `memory` fault at slot −1.
 */
export function wasmEngine(machine: WasmMachine): Engine {
  return new WasmEngine(machine)
}

class WasmEngine implements Engine {
  readonly name = 'wasm'
  readonly machine: WasmMachine
  readonly trampoline: Trampoline
  readonly globals: Record<GlobalName, WebAssembly.Global>
  /** By the address that programs know them by, less one. */
  readonly callbacks: (Callback | undefined)[] = []
  /** By number. */
  readonly programs = new Map<number, Program>()
  /** Programs that call others by constant index. */
  readonly #joinable = new Map<number, WasmRunnable>()
  readonly #table = new WebAssembly.Table({ element: 'anyfunc', initial: 0 })
  readonly #shared: boolean

  constructor(machine: WasmMachine) {
    this.machine = machine
    this.globals = Object.fromEntries(
      GLOBALS.map((name) => [name, new WebAssembly.Global({ value: 'i32', mutable: true }, 0)]),
    ) as Record<GlobalName, WebAssembly.Global>
    this.trampoline = makeTrampoline({ programs: this.#table, ...this.globals })
    this.#place(0, this.trampoline.absent, this.trampoline.absent)
    const { SharedArrayBuffer: Shared } = globalThis
    this.#shared = Shared !== undefined && machine.memory.buffer instanceof Shared
  }

  load(program: Program): Runnable {
    const { start, main } = this.#instantiate(program, program.code)
    this.#place(program.number, start, main)
    this.programs.set(program.number, program)
    if (program.unverified) return new CheckedRunnable(this, program)
    const runnable = new WasmRunnable(this, program, start)
    if (constantTailCalls(program.code, this.machine).length > 0) this.#joinable.set(program.number, runnable)
    this.progArraysChanged()
    return runnable
  }

  progArraysChanged(): void {
    for (const runnable of this.#joinable.values()) runnable.stale = true
  }

  /** Joins a program with those that it calls now, where they are others than before. */
  join(runnable: WasmRunnable): void {
    const { program, joined } = runnable
    runnable.stale = false
    const fused = fuse(program, this.programs, this.machine)
    const numbers = fused?.numbers.join(' ') ?? ''
    if (numbers === joined) return
    runnable.joined = numbers
    this.#table.set(2 * program.number, fused ? this.#instantiate(program, fused.code).start : runnable.start)
  }

  #instantiate(program: Program, code: Code): { start: unknown; main: unknown } {
    const { machine } = this
    const windows = program.unverified?.windows
    const compiled = compile({
      code: windows ? code : unrollLoops(code),
      number: program.number,
      machine,
      shared: this.#shared,
      windows,
      places: this.#table.length,
      reserve: (callbacks) => {
        const first = this.callbacks.length + 1
        this.callbacks.length += callbacks
        return first
      },
    })
    const instance = new WebAssembly.Instance(new WebAssembly.Module(compiled.bytes), {
      n: {
        memory: machine.memory,
        programs: this.#table,
        ...this.globals,
        fault: raise,
        packetLoad: machine.packetLoad ?? (() => 0),
        ...Object.fromEntries(compiled.helpers.map((imported) => [imported.name, this.#body(imported, program)])),
      },
    })
    for (const { name, number } of compiled.callbacks) this.callbacks[number - 1] = instance.exports[name] as Callback
    return { start: instance.exports.start, main: instance.exports.main }
  }

  unload(number: number): void {
    this.programs.delete(number)
    this.#joinable.delete(number)
    this.progArraysChanged()
    this.#place(number, this.trampoline.absent, this.trampoline.absent)
  }

  /** Puts a program where runs and tail calls find it. */
  #place(number: number, start: unknown, main: unknown): void {
    const { length } = this.#table
    const needed = 2 * number + 2
    if (needed > length) {
      const wanted = Math.max(needed, 2 * length, LEAST_PLACES)
      this.#table.grow(wanted - length)
      for (let absent = length; absent < wanted; absent++) this.#table.set(absent, this.trampoline.absent)
    }
    this.#table.set(2 * number, start)
    this.#table.set(2 * number + 1, main)
  }

  /** What a module imports for a helper: its body, or around it what lets it call back. */
  #body({ helper }: ImportedHelper, program: Program): (...args: number[]) => number {
    return helper.args.includes('func') ? this.#callingBack(helper, program) : helper.body
  }

  #callingBack({ body }: Helper, program: Program): (...args: number[]) => number {
    const { machine } = this
    return (...args) => {
      const [fp, slot] = args.splice(-2)
      const outer = machine.invoke
      machine.invoke = (func, ...values) => this.#invoke(program, func, fp, slot, values)
      try {
        return body(...args)
      } finally {
        machine.invoke = outer
      }
    }
  }

  #invoke(program: Program, func: number, fp: number, slot: number, values: readonly number[]): number {
    const { budget, depth } = this.globals
    if (program.unverified) {
      if (budget.value === 0) throw new BpfFault('budget', slot)
      budget.value--
      if (depth.value === MAX_FRAMES) throw new BpfFault('depth', slot)
      depth.value++
    }
    const r0 = this.callBack(func, fp - FRAME_BYTES, values)
    if (program.unverified) depth.value--
    return Number(BigInt.asIntN(32, r0))
  }

  /** Calls a callback with R10 = `fp`. */
  callBack(func: number, fp: number, [r1, r2, r3, r4]: readonly number[]): bigint {
    const callback = this.callbacks[func - 1]
    if (!callback) throw new BpfFault('instruction', func - 1)
    return callback(fp, r1, r2, r3, r4)
  }
}

/** What compiled code calls to stop a run. */
function raise(kind: number, slot: number, low: number, high: number): never {
  const address = FAULTS[kind] === 'memory' ? (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0) : undefined
  throw new BpfFault(FAULTS[kind], slot, address)
}

/** R0 of a run that ended in an exception, if bpf_throw raised it. */
function cookieOf(error: unknown): bigint {
  if (error instanceof ProgramException) return error.cookie
  if (error instanceof WebAssembly.RuntimeError) throw new BpfFault('memory', -1)
  throw error
}

class WasmRunnable implements Runnable {
  readonly program: Program
  /** Where it starts when it is joined with none. */
  readonly start: unknown
  /** Numbers of the programs that it is joined with. */
  joined = ''
  /** It may be joined with others than now. */
  stale = false
  readonly #engine: WasmEngine
  readonly #number: number
  readonly #run: Trampoline['run']

  constructor(engine: WasmEngine, program: Program, start: unknown) {
    this.program = program
    this.start = start
    this.#engine = engine
    this.#number = program.number
    this.#run = engine.trampoline.run
  }

  run(r1: number, r2: number, fp: number): number {
    if (this.stale) this.#engine.join(this)
    try {
      return this.#run(this.#number, r1, r2, fp)
    } catch (error) {
      return Number(BigInt.asIntN(32, cookieOf(error)))
    }
  }

  run64(r1: number, r2: number, fp: number): bigint {
    return this.#guarded(() => this.#engine.trampoline.run64(this.#number, r1, r2, fp))
  }

  callback(func: number, fp: number, ...values: [number, number, number, number]): number {
    return Number(
      BigInt.asIntN(
        32,
        this.#guarded(() => this.#engine.callBack(func, fp, values)),
      ),
    )
  }

  #guarded(run: () => bigint): bigint {
    try {
      return BigInt.asUintN(64, run())
    } catch (error) {
      return cookieOf(error)
    }
  }
}

/** Runs a program that nobody verified: sets up what is counted and what may be touched, for this run alone. */
class CheckedRunnable implements Runnable {
  readonly program: Program
  readonly #engine: WasmEngine

  constructor(engine: WasmEngine, program: Program) {
    this.program = program
    this.#engine = engine
  }

  run(r1: number, r2: number, fp: number): number {
    return Number(BigInt.asIntN(32, this.run64(r1, r2, fp)))
  }

  run64(r1: number, r2: number, fp: number): bigint {
    return this.#alone(fp, () => this.#engine.trampoline.run64(this.program.number, r1, r2, fp))
  }

  callback(func: number, fp: number, ...values: [number, number, number, number]): number {
    return Number(
      BigInt.asIntN(
        32,
        this.#alone(fp, () => this.#engine.callBack(func, fp, values)),
      ),
    )
  }

  #alone(fp: number, run: () => bigint): bigint {
    const { globals, machine } = this.#engine
    const outer = GLOBALS.map((name) => globals[name].value as number)
    globals.budget.value = machine.budget ?? DEFAULT_BUDGET
    globals.depth.value = 1
    globals.stackTop.value = fp
    globals.missed.value = 0
    try {
      return BigInt.asUintN(64, run())
    } catch (error) {
      return cookieOf(error)
    } finally {
      for (const [i, name] of GLOBALS.entries()) globals[name].value = outer[i]
    }
  }
}
