import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeCase } from './cases.ts'
import { compare, type Disagreement } from './compare.ts'
import { playEmbedded, releaseOf } from './embedded.ts'
import { FAMILIES } from './families.ts'
import { loadBatch, playReal, saveBatch } from './guest.ts'
import { KEPT, keptScenario } from './kept.ts'
import { KEPT_IP } from './kept-ip.ts'
import { KEPT_NEIGHBOURS } from './kept-neighbours.ts'
import { KEPT_RELEASES } from './kept-releases.ts'
import type { Recorded, Scenario } from './scenario.ts'
import { shrink } from './shrink.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    count: { type: 'string', default: '300' },
    match: { type: 'string' },
    sample: { type: 'string' },
    out: { type: 'string' },
    from: { type: 'string' },
    keep: { type: 'string' },
    releases: { type: 'boolean', default: false },
    lone: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    show: { type: 'string', default: '20' },
  },
})

const say = (text: string): boolean => process.stdout.write(`${text}\n`)

function generate(seed: number): Scenario[] {
  const wanted = positionals.length > 0 ? positionals : Object.keys(FAMILIES)
  let all = wanted.flatMap((family) => {
    const make = FAMILIES[family]
    if (!make) throw new Error(`no family ${family}; there are ${Object.keys(FAMILIES).join(', ')}`)
    return [...make({ seed, count: Number(options.count) })]
  })
  if (options.match !== undefined) {
    const pattern = new RegExp(options.match)
    all = all.filter((s) => pattern.test(s.name))
  }
  if (options.sample !== undefined) {
    const part = Number(options.sample)
    all = all.filter((_, i) => (i + seed) % part === 0)
  }
  // Those of a length are played side by side.
  return all.sort((a, b) => a.steps.length - b.steps.length)
}

interface Failing {
  readonly scenario: Scenario
  readonly found: Disagreement
}

function text({ scenario, found }: Failing): string {
  const step = scenario.steps[found.step]
  const request = step.op === 'netlink' ? `${step.ns} ${JSON.stringify(step.sock)} ${step.req}` : JSON.stringify(step)
  return [`${scenario.name}, step ${found.step}: ${request}`, ...found.lines].join('\n    ')
}

/** Shows what disagrees, grouped by what it looks like; gives one of each group. */
function report(scenarios: readonly Scenario[], recorded: readonly Recorded[]): Failing[] {
  const groups = new Map<string, Failing[]>()
  for (const [i, scenario] of scenarios.entries()) {
    const found = compare(scenario, recorded[i], playEmbedded(scenario, releaseOf(recorded[i].kernel)))
    if (found) groups.set(found.kind, [...(groups.get(found.kind) ?? []), { scenario, found }])
  }
  const sorted = [...groups].sort((a, b) => b[1].length - a[1].length).slice(0, Number(options.show))
  for (const [kind, failing] of sorted) {
    say(`${failing.length} x ${kind}`)
    for (const f of failing.slice(0, 3)) say(`  ${text(f)}`)
  }
  const disagreeing = [...groups.values()].reduce((n, list) => n + list.length, 0)
  say(`${scenarios.length - disagreeing} of ${scenarios.length} scenarios agree`)
  return sorted.map(([, failing]) => failing[0])
}

async function finish(failing: readonly Failing[]): Promise<void> {
  if (!options.shrink || failing.length === 0) return
  for (const f of await shrink(failing)) {
    say(text(f))
    for (const step of f.scenario.steps) say(`    ${JSON.stringify(step)}`)
  }
}

/** Records the rules of kept.ts anew. */
async function recordKept(folder: string): Promise<void> {
  const rules = options.releases ? KEPT_RELEASES : [...KEPT, ...KEPT_NEIGHBOURS, ...KEPT_IP]
  const kept = rules.filter(({ file }) => options.match === undefined || new RegExp(options.match).test(file))
  const scenarios = kept.map(keptScenario)
  const recorded = await playReal(scenarios, { lone: options.lone })
  for (const [i, { file, rule }] of kept.entries()) {
    writeCase(join(folder, `${file}.json`), rule, scenarios[i], recorded[i])
  }
  report(scenarios, recorded)
}

if (options.keep !== undefined) await recordKept(options.keep)
else if (options.from !== undefined) {
  const { scenarios, recorded } = loadBatch(options.from)
  const keep = options.match === undefined ? undefined : new RegExp(options.match)
  const kept = scenarios.map((_, i) => i).filter((i) => !keep || keep.test(scenarios[i].name))
  await finish(
    report(
      kept.map((i) => scenarios[i]),
      kept.map((i) => recorded[i]),
    ),
  )
} else {
  const seed = options.seed === undefined ? Date.now() % 1_000_000 : Number(options.seed)
  const scenarios = generate(seed)
  say(`seed ${seed}: ${scenarios.length} scenarios, ${scenarios.reduce((n, s) => n + s.steps.length, 0)} steps`)
  const recorded = await playReal(scenarios, { lone: options.lone })
  if (options.out !== undefined) saveBatch(options.out, scenarios, recorded)
  await finish(report(scenarios, recorded))
}
