import {
  BpfFault,
  type Code,
  identifyAll,
  interpreter,
  opAt,
  type Program,
  type Resolved,
  toAssembly,
  type VerifyInput,
  verify,
  wasmEngine,
} from '@netkit/bpf'
import { Chance } from '@netkit/netlink/testing'
import { inputOf, readCases, type VerifyCase } from '../bpf-verify/cases.ts'
import { HostileKernel } from './kernel.ts'
import { HostileMachine } from './machine.ts'
import { hostile } from './mutate.ts'

/** Of so many programs that are accepted and that run to their end, one is compiled too. */
const COMPILED = 16
/** Compiled programs live as long as their engine. */
const ENGINE_LIFE = 400
/** Verification of so many instructions is long enough to be told. */
const LONG = 100_000

/** What happened to the programs of a run. */
export interface HostileTally {
  programs: number
  accepted: number
  ran: number
  compiled: number
  /** Programs that the embedded kernel loaded and ran. */
  inKernel: number
  /** Programs that took long to verify. */
  long: number
}

/** Programs that take longer to verify are not what others begin with. */
const MOST_LOOKED = 2000

interface Seed {
  readonly row: VerifyCase
  readonly code: Code
}

/** Verifies programs that nobody meant well with, and runs those that are accepted where each access is checked. */
export class HostilePrograms {
  readonly tally: HostileTally = { programs: 0, accepted: 0, ran: 0, compiled: 0, inKernel: 0, long: 0 }
  /** All programs to begin with, and those of them that are accepted. */
  readonly #seeds: readonly Seed[]
  readonly #accepted: readonly Seed[]
  readonly #machines = new Map<string, HostileMachine>()
  readonly #kernels = new Map<string, Promise<HostileKernel | undefined>>()
  readonly #engines = new Map<HostileMachine, { readonly engine: ReturnType<typeof wasmEngine>; runs: number }>()

  constructor() {
    const known = readCases().map((row) => ({
      row,
      verdict: verify({ ...inputOf(row), logLevel: 0 }),
      code: inputOf(row).code,
    }))
    const short = known.filter(({ verdict }) => verdict.looked < MOST_LOOKED)
    this.#seeds = short
    this.#accepted = short.filter(({ verdict }) => verdict.errno === 0)
  }

  /** One program; what is wrong with how it was dealt with, or undefined. */
  async step(seed: number): Promise<string | undefined> {
    const chance = new Chance(seed)
    const { row, code } = chance.pick(chance.odds(4, 5) ? this.#accepted : this.#seeds)
    const program = hostile(chance, code, chance.pick(this.#seeds).code)
    this.tally.programs++
    const input = { ...inputOf(row), code: program, resolved: resolve(program, row), logLevel: 0 }
    const verdict = verify(input)
    if (verdict.looked > LONG) this.tally.long++
    if (verdict.errno !== 0) return undefined
    this.tally.accepted++
    const wrong = this.#run(row, input) ?? (await this.#runInKernel(row, program))
    return wrong && `seed ${seed} (${row.name}): ${wrong}\n${toAssembly(program)}`
  }

  #run(row: VerifyCase, { code, resolved }: VerifyInput): string | undefined {
    const machine = this.#machineOf(row)
    const ready = withHandles(code, resolved, machine, row)
    const runnable = interpreter(machine.machine).load({
      number: 1,
      name: 'checked',
      code: ready,
      unverified: { windows: [...machine.windows] },
    })
    machine.reset(row.type)
    let result: bigint
    try {
      result = runnable.run64(machine.context, 0, machine.stackTop)
    } catch (e) {
      // What this machine lacks, and runs that take long.
      if (e instanceof BpfFault && (e.kind === 'helper' || e.kind === 'budget' || e.kind === 'instruction'))
        return undefined
      return e instanceof Error ? e.message : 'it threw'
    }
    this.tally.ran++
    const spoilt = machine.spoilt()
    if (spoilt >= 0) return `wrote to byte ${spoilt}`
    return this.tally.ran % COMPILED === 0 ? this.#compile(machine, row, ready, result) : undefined
  }

  /** The same bytes through the bpf door of a kernel: all helpers are there, and nothing is counted. */
  async #runInKernel(row: VerifyCase, code: Code): Promise<string | undefined> {
    if (mayTakeLong(code)) return undefined
    const key = JSON.stringify(row.maps)
    const kept = this.#kernels.get(key) ?? HostileKernel.with(row.maps)
    this.#kernels.set(key, kept)
    const kernel = await kept
    const fd = kernel ? await kernel.load(code, row) : -1
    if (!kernel || fd < 0) return undefined
    this.tally.inKernel++
    return kernel.run(fd)
  }

  #compile(machine: HostileMachine, row: VerifyCase, code: Code, expected: bigint): string | undefined {
    const contents = machine.contents()
    const known = this.#engines.get(machine)
    const kept = known && known.runs < ENGINE_LIFE ? known : { engine: wasmEngine(machine.machine), runs: 0 }
    this.#engines.set(machine, kept)
    kept.runs++
    const program: Program = { number: 1, name: 'compiled', code }
    const runnable = kept.engine.load(program)
    machine.reset(row.type)
    const result = runnable.run64(machine.context, 0, machine.stackTop)
    kept.engine.unload(1)
    this.tally.compiled++
    const spoilt = machine.spoilt()
    if (spoilt >= 0) return `compiled, it wrote to byte ${spoilt}`
    if (readsStack(code)) return undefined
    if (result !== expected) return `compiled, it returns ${result} and not ${expected}`
    const now = machine.contents()
    const differs = contents.findIndex((byte, i) => byte !== now[i])
    return differs < 0 ? undefined : `compiled, it leaves another byte at ${differs} of the packet`
  }

  #machineOf({ maps }: VerifyCase): HostileMachine {
    const key = JSON.stringify(maps)
    const machine = this.#machines.get(key) ?? new HostileMachine(maps)
    this.#machines.set(key, machine)
    return machine
  }
}

/** Whether it has loops that the verifier does not follow to their end. */
const mayTakeLong = (code: Code): boolean =>
  Array.from({ length: code.length }, (_, slot) => opAt(code, slot)).some(
    (op) =>
      op.kind === 'mayGoto' ||
      (op.kind === 'const' && op.pseudo === 'function') ||
      (op.kind === 'call' && op.callee === 'kfunc'),
  )

/** The privileged may read what they have not written: both engines have something else there. */
const readsStack = (code: Code): boolean =>
  Array.from({ length: code.length }, (_, slot) => opAt(code, slot)).some(
    ({ kind }, slot) =>
      (kind === 'load' || kind === 'call' || kind === 'atomic') && (code.src[slot] === 10 || kind === 'call'),
  )

function resolve(code: Code, { maps }: VerifyCase): Map<number, Resolved> {
  const resolved = new Map<number, Resolved>()
  for (let slot = 0; slot < code.length; slot++) {
    const op = opAt(code, slot)
    const map = maps[code.imm[slot]]
    if (op.kind === 'const' && op.pseudo === 'mapIndex' && map) resolved.set(slot, { kind: 'map', map })
  }
  return resolved
}

/** The code as it runs: maps' handles in place of their indices. */
function withHandles(
  code: Code,
  resolved: VerifyInput['resolved'],
  { handles }: HostileMachine,
  { maps }: VerifyCase,
): Code {
  const copy = { ...code, src: code.src.slice(), imm: code.imm.slice(), op: code.op.slice() }
  for (const [slot, { map }] of resolved) {
    copy.src[slot] = 0
    copy.imm[slot] = handles[maps.indexOf(map)]
    copy.imm[slot + 1] = 0
  }
  identifyAll(copy)
  return copy
}
