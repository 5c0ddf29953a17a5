/**
 * Programs of examples/programs/bench compiled to WebAssembly, and the very same object in the machine's kernel, compiled by its JIT and
 * run by BPF_PROG_TEST_RUN. Both sides are told without what an empty program costs there.
 * A figure is the fastest of a dozen short samples, so that other work on the machine does not count on either side.
 */
import { readFileSync } from 'node:fs'
import { decode, openObject } from '@netkit/bpf'
import { reportLoading } from './harness/bpf-loading.ts'
import { BpfMachine } from './harness/bpf-machine.ts'
import { buildObject } from './harness/bpf-object.ts'
import { flow, packetOf, RULES, service } from './harness/bpf-packets.ts'
import { returning } from './harness/bpf-variants.ts'
import { median } from './harness/figures.ts'
import { Peer } from './harness/peer.ts'
import { elapsed, inTurns, report, sized, skip, undisturbed } from './harness/suite.ts'

const ROUNDS = sized(15, 2)
const WARM_UP = sized(4, 1)
/** Nanoseconds of one sample, about: short enough to be left alone now and then on a busy machine. */
const SAMPLE_NS = sized(200_000, 50_000)
/** Samples of a round, of which the fastest counts, on both sides. */
const SAMPLES = sized(12, 3)
/** Times the kernel's net time that a program may take; those with loops have limits of their own. */
const LIMIT = 1.75
const LIMITS: Readonly<Record<string, number>> = { checksum: 1.1, siphash: 0.7, acl_lookups: 1.5 }

/** Programs that are compared, each with the packet it is run on. */
const PROGRAMS = {
  classify: 'udp',
  checksum: 'large',
  hash5: 'udp',
  acl_lookups: 'udp',
  acl_table: 'udp',
  count_percpu: 'udp',
  count_hash: 'udp',
  hash_update: 'udp',
  nat: 'udp',
  vxlan: 'vxlan',
  siphash: 'large',
  filter: 'udp',
  tail_calls: 'udp',
  tail_jumps: 'udp',
} as const
type Name = keyof typeof PROGRAMS
const NAMES = Object.keys(PROGRAMS) as Name[]

async function measure(path: string): Promise<void> {
  const started = await Peer.start('bpf.py', path)
  const kernel = typeof started === 'string' ? undefined : started
  if (typeof started === 'string') skip("the machine's own kernel", started)
  const object = openObject(new Uint8Array(readFileSync(path)))
  const machine = new BpfMachine(object)
  const runnables = new Map(object.programs.map(({ name }) => [name, machine.load(name, machine.link(object, name))]))
  await setUp(machine, kernel)
  const contexts = new Map(['udp', 'large', 'vxlan'].map((kind) => [kind, machine.packet(packetOf(kind))]))
  const runs = new Map(
    ['empty', ...NAMES].map((name) => {
      const context = contexts.get(PROGRAMS[name as Name] ?? 'udp')!
      const runnable = runnables.get(name)!
      return [name, { once: () => runnable.run(context, 0, machine.fp), count: 1 }]
    }),
  )
  for (const [name, run] of runs) {
    await compareVerdicts(name, run.once(), kernel)
    for (let i = 0; i < 20_000; i++) run.once()
    const ns = elapsed(() => repeat(run.once, 1000)) / 1000
    run.count = Math.max(200, Math.round(SAMPLE_NS / ns))
  }
  const names = ['empty', ...NAMES]
  const ours = undisturbed(() => names.map((name) => timed(runs.get(name)!)))
  const peer =
    kernel &&
    (async () => {
      const values: number[] = []
      for (const name of names) {
        const { ns, count } = await kernel.ask(
          'run',
          name,
          hex(packetOf(PROGRAMS[name as Name] ?? 'udp')),
          runs.get(name)!.count,
          SAMPLES,
        )
        values.push(ns / count)
      }
      return values
    })
  const turns = await inTurns(ROUNDS, WARM_UP, ours, peer)
  reportAll(turns.ours, turns.peer)
  reportCalls(machine, runnables, contexts.get('udp')!)
  await reportLoading(machine, object, contexts.get('udp')!)
  await kernel?.stop()
}

function repeat(once: () => number, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum = (sum + once()) | 0
  return sum
}

/** The fastest of some samples. */
function fastest(sample: () => number): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < SAMPLES; i++) least = Math.min(least, sample())
  return least
}

const timed = ({ once, count }: { once: () => number; count: number }): number =>
  fastest(() => elapsed(() => repeat(once, count)) / count)

const hex = (bytes: Uint8Array): string => `x${Buffer.from(bytes).toString('hex')}`

/** Fills the maps on both sides. */
async function setUp(machine: BpfMachine, kernel: Peer | undefined): Promise<void> {
  const update = async (map: string, key: Uint8Array, value: Uint8Array): Promise<void> => {
    machine.update(map, key, value)
    await kernel?.ask('update', map, hex(key), hex(value))
  }
  for (const [i, rule] of RULES.entries()) await update('rules', new Uint8Array(Uint32Array.of(i).buffer), rule)
  const all = new Uint8Array(RULES.flatMap((rule) => [...rule]))
  await update('rule_table', new Uint8Array(4), all)
  await update('by_flow', flow(), new Uint8Array(16))
  for (let i = 0; i < 500; i++) await update('by_flow', flow(i + 1), new Uint8Array(16))
  await update('backends', service(), service())
  for (let i = 0; i < 4; i++) {
    for (const [map, program] of [
      ['stages', `stage${i + 1}`],
      ['steps', `step${i + 1}`],
    ]) {
      machine.stage(map, i, program)
      await kernel?.ask('stage', map, i, program)
    }
  }
}

/** What is compared has to do the same thing. */
async function compareVerdicts(name: string, verdict: number, kernel: Peer | undefined): Promise<void> {
  const answer = await kernel?.ask('run', name, hex(packetOf(PROGRAMS[name as Name] ?? 'udp')), 1)
  if (answer && answer.verdict !== verdict >>> 0)
    throw new Error(`${name}: ${verdict >>> 0} here, ${answer.verdict} in the kernel`)
}

function reportAll(ours: readonly number[][], peer: readonly number[][]): void {
  const net = (columns: readonly number[][], n: number): number[] =>
    columns[n].map((value, round) => value - columns[0][round])
  const ratios: { name: string; fastest: number; middle: number }[] = []
  for (const [i, name] of NAMES.entries()) {
    const rounds = net(ours, i + 1)
    const others = peer.length > 0 ? net(peer, i + 1) : undefined
    report({
      what: name,
      unit: 'ns',
      rounds,
      peer: others && { what: "the kernel's JIT, net of an empty program", rounds: others },
      ratio: others && { min: 1 / (LIMITS[name] ?? LIMIT) },
    })
    if (!others) continue
    /** Noise can make a tiny difference negative. */
    const positive = (value: number): number => Math.max(value, 0.1)
    const least = (columns: readonly number[][], n: number): number => Math.min(...columns[n]) - Math.min(...columns[0])
    ratios.push({
      name,
      fastest: positive(least(ours, i + 1)) / positive(least(peer, i + 1)),
      middle: positive(median(rounds)) / positive(median(others)),
    })
  }
  if (ratios.length === 0) return
  const mean = (values: readonly number[]): number =>
    Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
  const without = ratios.filter(({ name }) => name !== 'hash_update')
  report({
    what: 'geometric mean of ours ÷ kernel, fastest rounds',
    unit: '×',
    rounds: [mean(ratios.map(({ fastest }) => fastest))],
    target: { max: 1 },
  })
  report({
    what: 'geometric mean of ours ÷ kernel, medians',
    unit: '×',
    rounds: [mean(ratios.map(({ middle }) => middle))],
    target: { max: 1 },
  })
  report({
    what: 'geometric mean without hash_update, medians',
    unit: '×',
    rounds: [mean(without.map(({ middle }) => middle))],
    target: { max: 1.15 },
  })
}

/** What a call costs from JavaScript: an empty program alone, and 16 of them in turns. */
function reportCalls(
  machine: BpfMachine,
  runnables: ReadonlyMap<string, { run(r1: number, r2: number, fp: number): number }>,
  context: number,
): void {
  const empty = runnables.get('empty')!
  const many = Array.from({ length: 16 }, (_, i) => machine.load(`empty${i}`, decode(returning(i))))
  const count = sized(20_000, 2000)
  const { fp } = machine
  const alone = (): number => {
    let sum = 0
    for (let i = 0; i < count; i++) sum = (sum + empty.run(context, 0, fp)) | 0
    return sum
  }
  const inTurn = (): number => {
    let sum = 0
    for (let i = 0; i < count; i++) sum = (sum + many[i & 15].run(context, 0, fp)) | 0
    return sum
  }
  const timed = (call: () => number): number => fastest(() => elapsed(call) / count)
  for (let i = 0; i < 3; i++) [alone, inTurn].map(timed)
  const rounds = Array.from({ length: ROUNDS }, () => [timed(alone), timed(inTurn)])
  report({ what: 'an empty program', unit: 'ns', rounds: rounds.map(([ns]) => ns), target: { max: 5 } })
  report({
    what: 'one of 16 empty programs in turns',
    unit: 'ns',
    rounds: rounds.map(([, ns]) => ns),
    target: { max: 8 },
  })
}

const built = buildObject('examples/programs/bench/bench.c')
if ('why' in built) skip('programs', built.why)
else await measure(built.path)
