import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readCase } from './cases.ts'
import { compare, type Disagreement } from './compare.ts'
import { Coverage } from './coverage.ts'
import { playEmbedded } from './embedded.ts'
import { compareRecordings } from './golden.ts'
import { loadBatch, playReal, saveBatch } from './guest.ts'
import type { Recorded, Scenario } from './scenario.ts'
import { randomSequences } from './sequences/write.ts'
import { ipSequences } from './sequences/write-ip.ts'
import { type Compared, writeSummary } from './summary.ts'

/** Plays random sequences on a real kernel and on the embedded one. Fails if they differ. See README.md. */

const FIXED_SEED = 1
/** Sequences about addresses, routes, rules and neighbours, for each of the others. */
const IP_SHARE = 0.15
/** Where sequences that differ are kept. */
const FOUND = '.cache/differential'
const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '2000' },
    seed: { type: 'string', multiple: true },
    record: { type: 'boolean', default: false },
    out: { type: 'string' },
    from: { type: 'string', multiple: true },
  },
})

const say = (text: string): boolean => process.stdout.write(`${text}\n`)

interface Outcome {
  readonly scenario: Scenario
  readonly recorded: Recorded
  readonly found: Disagreement | undefined
}

const judge = (scenarios: readonly Scenario[], recorded: readonly Recorded[]): Outcome[] =>
  scenarios.map((scenario, i) => ({
    scenario,
    recorded: recorded[i],
    found: compare(scenario, recorded[i], playEmbedded(scenario)),
  }))

/**
 * What differs is played again, among few and then alone: when carriers are told and namespaces are gone depends on what else
 * a kernel has to do. All runs are the real kernel's, so that one that agrees is enough.
 */
async function judgeAgain(outcomes: readonly Outcome[], lone: boolean): Promise<Outcome[]> {
  const scenarios = outcomes.filter(({ found }) => found).map(({ scenario }) => scenario)
  if (scenarios.length === 0) return [...outcomes]
  const again = new Map(judge(scenarios, await playReal(scenarios, { lone })).map((o) => [o.scenario, o]))
  const settled = [...again.values()].filter(({ found }) => !found).length
  say(`${scenarios.length} sequences differed; ${settled} agreed when they were played ${lone ? 'alone' : 'again'}`)
  return outcomes.map((o) => again.get(o.scenario) ?? o)
}

function tell({ scenario, found }: Outcome): void {
  if (!found) return
  const step = scenario.steps[found.step]
  say(`${scenario.name}, step ${found.step}: ${JSON.stringify(step)}`)
  for (const line of found.lines) say(`    ${line}`)
}

function cover(coverage: Coverage, { scenario, found }: Outcome): void {
  for (const [i, step] of scenario.steps.entries())
    if (step.op === 'netlink') coverage.add(step.req, step.proto, found?.step === i)
}

const sizeOf = (scenarios: readonly Scenario[]): Compared => ({
  conversations: scenarios.length,
  operations: scenarios.reduce((n, { steps }) => n + steps.length, 0),
})

/** The cases that were recorded, which must not differ either. */
function compareCases(coverage: Coverage): Compared {
  const folder = join(import.meta.dirname, '../cases/rtnl')
  const outcomes = readdirSync(folder).map((file) => {
    const { scenario, recorded } = readCase(join(folder, file))
    return judge([scenario], [recorded])[0]
  })
  for (const o of outcomes) {
    if (o.found) throw new Error(`the case "${o.scenario.name}" differs`)
    cover(coverage, o)
  }
  return sizeOf(outcomes.map(({ scenario }) => scenario))
}

/** Sequences with what the real kernel did: played now, or kept from before. */
async function play(): Promise<Outcome[]> {
  if (options.from) return options.from.map(loadBatch).flatMap((batch) => judge(batch.scenarios, batch.recorded))
  const seeds = options.seed?.map(Number) ?? [FIXED_SEED, Date.now() % 1_000_000]
  const count = Math.ceil(Number(options.count) / seeds.length)
  const scenarios = seeds.flatMap((seed, i) => [
    ...randomSequences({ seed, count, first: i * count }),
    ...ipSequences({ seed, count: Math.ceil(IP_SHARE * count) }),
  ])
  const { conversations, operations } = sizeOf(scenarios)
  say(`seeds ${seeds.join(' and ')}: ${conversations} sequences, ${operations} operations`)
  const recorded = await playReal(scenarios)
  if (options.out !== undefined) saveBatch(options.out, scenarios, recorded)
  return judge(scenarios, recorded)
}

const seedsOf = (outcomes: readonly Outcome[]): number[] => [
  ...new Set(outcomes.map(({ scenario }) => Number(scenario.name.split(' ')[1]))),
]

const started = Date.now()
let outcomes = await play()
for (const lone of [false, true]) outcomes = await judgeAgain(outcomes, lone)
const random = sizeOf(outcomes.map(({ scenario }) => scenario))
const differing = outcomes.filter(({ found }) => found)
for (const outcome of differing.slice(0, 20)) tell(outcome)
if (differing.length > 0) {
  saveBatch(
    FOUND,
    differing.map((o) => o.scenario),
    differing.map((o) => o.recorded),
  )
  say(`kept: npx tsx -C source conformance/differential/run.ts --from ${FOUND} --shrink`)
}
const { kernel } = outcomes[0].recorded
say(
  `compared with Linux ${kernel}: ${random.conversations} sequences, ${random.operations} operations, ${differing.length} differences, ${Math.round((Date.now() - started) / 1000)} s`,
)
if (options.record) {
  const coverage = new Coverage()
  for (const outcome of outcomes) cover(coverage, outcome)
  const recordings = compareRecordings(coverage)
  const cases = compareCases(coverage)
  writeSummary(
    { kernel, recordings, cases, random: { ...random, seeds: seedsOf(outcomes) }, differences: differing.length },
    coverage,
  )
}
process.exitCode = differing.length > 0 ? 1 : 0
