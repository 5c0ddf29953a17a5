/**
 * Runs the benchmarks: `npm run bench [-- SUITE...] [-- --quick] [-- --runs N]`. What is measured is the built packages, as
 * users run them: a suite is bundled on its own, its imports of packages are left to Node, which finds their `dist`. Each
 * suite runs in fresh processes; medians over all of them go to `bench/results.json` and `bench/RESULTS.md`. A quick run
 * writes nothing and judges nothing.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import type { Figure } from './harness/figures.ts'
import { describeMachine } from './harness/machine.ts'
import { MARK } from './harness/mark.ts'
import { toLines, toMarkdown } from './harness/markdown.ts'
import { mergeRuns, type Results } from './harness/results.ts'

const SUITES = [
  'bpf',
  'bpf-load',
  'control',
  'datapath',
  'linux',
  'memory',
  'packets',
  'process',
  'tap',
  'tcp',
  'tcp-tap',
  'wire',
  'xdp',
  'xsk',
  'xsk-linux',
  'zcrx',
]
const JSON_FILE = 'bench/results.json'
const PAGE = 'bench/RESULTS.md'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    runs: { type: 'string' },
    /** Shows the figures, leaves the files as they are. */
    dry: { type: 'boolean', default: false },
  },
})
const wanted = positionals.length > 0 ? positionals : SUITES
const unknown = wanted.filter((name) => !SUITES.includes(name))
if (unknown.length > 0) throw new Error(`no suite ${unknown.join(', ')}; there are ${SUITES.join(', ')}`)
const runs = values.quick ? 1 : Number(values.runs ?? 3)
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: expected a number from 1`)

async function bundle(suite: string): Promise<string> {
  const outfile = `.cache/bench/${suite}.mjs`
  await build({
    entryPoints: [`bench/${suite}.ts`],
    outfile,
    bundle: true,
    packages: 'external',
    // Not built: it is bundled along.
    alias: { '@netkit/conformance/iperf3': './conformance/src/iperf3.ts' },
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  })
  return outfile
}

/** Runs a suite once, in a process of its own; its figures, in order. */
async function runOnce(script: string): Promise<Figure[]> {
  const args = ['--expose-gc', script, ...(values.quick ? ['--quick'] : [])]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const figures: Figure[] = []
  const done = once(child, 'close')
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith(MARK)) figures.push(JSON.parse(line.slice(MARK.length)) as Figure)
    else console.log(line)
  }
  const [code] = await done
  if (code !== 0) throw new Error(`${script} ended with ${code}`)
  if (figures.length === 0) throw new Error(`${script} measured nothing`)
  return figures
}

let results: Results = existsSync(JSON_FILE) ? (JSON.parse(readFileSync(JSON_FILE, 'utf8')) as Results) : {}
const machine = describeMachine()
for (const suite of wanted) {
  const script = await bundle(suite)
  const all: Figure[][] = []
  for (let run = 0; run < runs; run++) all.push(await runOnce(script))
  results = { ...results, [suite]: { machine, processes: runs, figures: mergeRuns(all) } }
  console.log([suite, ...toLines(results, suite, !values.quick)].join('\n'))
  if (values.quick || values.dry) continue
  const sorted = Object.fromEntries(SUITES.filter((name) => name in results).map((name) => [name, results[name]]))
  writeFileSync(JSON_FILE, `${JSON.stringify(sorted, undefined, 2)}\n`)
  writeFileSync(PAGE, toMarkdown(sorted))
}
