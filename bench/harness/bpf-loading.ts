import { setTimeout } from 'node:timers/promises'
import { type BpfObject, decode, encode, type Runnable } from '@netkit/bpf'
import type { BpfMachine } from './bpf-machine.ts'
import { varied } from './bpf-variants.ts'
import { median } from './figures.ts'
import { elapsed, report, sized } from './suite.ts'

const ROUNDS = sized(15, 2)
const SAMPLES = sized(12, 3)
/** How long a program is watched after it was loaded, in ms, and calls of a sample. */
const WATCHED = sized(60, 10)
const CALLS = 200
/** A program is at full speed as soon as it is within this of what it comes to in the end. */
const FULL = 1.25
const RESIDENT = sized(400, 20)
/** Calls after which engines have compiled a program in earnest. */
const UNTIL_FULL = 3000
const KB = 1000

/** What it takes to load programs: time to the first verdict and to full speed, and memory. */
export async function reportLoading(machine: BpfMachine, object: BpfObject, context: number): Promise<void> {
  for (const [name, max] of [
    ['acl_table', 1],
    ['large', 4],
  ] as const) {
    const program = encode(machine.link(object, name))
    const loaded = (as = name as string): Runnable => {
      const runnable = machine.load(as, decode(varied(program)))
      runnable.run(context, 0, machine.fp)
      return runnable
    }
    const instructions = `${program.length / 8} instructions`
    const load = (): number => elapsed(() => loaded()) / 1e6
    for (let i = 0; i < sized(60, 2); i++) load()
    const rounds = Array.from({ length: ROUNDS }, () => fastest(load))
    report({ what: `bytes to first verdict, ${instructions}`, unit: 'ms', rounds, target: { max } })
    const warming: number[] = []
    for (let i = 0; i < ROUNDS; i++) warming.push(await untilFullSpeed(machine, loaded, context))
    report({ what: `load to full speed, ${instructions}`, unit: 'ms', rounds: warming, target: { max: 25 } })
    if (name === 'acl_table') {
      const size = await residentSize(machine, loaded, context)
      report({ what: `memory of a program of ${instructions}`, unit: 'kB', rounds: [size], target: { max: 64 } })
    }
  }
}

function fastest(sample: () => number): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < SAMPLES; i++) least = Math.min(least, sample())
  return least
}

/** Milliseconds from loading a program until it runs as fast as it ever will. Other work of the engine is waited for before. */
async function untilFullSpeed({ fp }: BpfMachine, load: () => Runnable, context: number): Promise<number> {
  await setTimeout(WATCHED)
  const start = performance.now()
  const runnable = load()
  const moments: number[] = []
  const costs: number[] = []
  while (performance.now() - start < WATCHED) {
    costs.push(elapsed(() => calls(runnable, context, fp, CALLS)) / CALLS)
    moments.push(performance.now() - start)
  }
  const full = median(costs.slice(-(costs.length >> 2)))
  // The middle of three, so that one sample that was interrupted, or luckily short, says nothing.
  const at = costs.findIndex((_, i) => median(costs.slice(i, i + 3)) <= FULL * full)
  return moments[at]
}

function calls(runnable: Runnable, context: number, fp: number, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum = (sum + runnable.run(context, 0, fp)) | 0
  return sum
}

/** Resident memory that one of many programs takes, in kB. */
async function residentSize(machine: BpfMachine, load: (as: string) => Runnable, context: number): Promise<number> {
  const kept: Runnable[] = []
  const addSome = async (): Promise<void> => {
    for (let i = 0; i < RESIDENT; i++) {
      const runnable = load(`kept${kept.length}`)
      calls(runnable, context, machine.fp, UNTIL_FULL)
      kept.push(runnable)
    }
    await setTimeout(WATCHED)
    globalThis.gc?.()
  }
  await addSome()
  const before = process.memoryUsage.rss()
  await addSome()
  return Math.max(0, process.memoryUsage.rss() - before) / RESIDENT / KB
}
