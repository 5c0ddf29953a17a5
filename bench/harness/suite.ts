import { writeSync } from 'node:fs'
import type { Figure } from './figures.ts'
import { MARK } from './mark.ts'

/** Each suite takes only a second or two, to show that it runs. */
const quick = process.argv.includes('--quick')

/** A size for real runs, and one for runs that only show that the suite works. */
export const sized = (full: number, short: number): number => (quick ? short : full)

/** Hands a figure to the runner. */
export function report(figure: Figure): void {
  writeSync(1, `${MARK}${JSON.stringify(figure)}\n`)
}

/** Tells what is not measured, and why. */
export function skip(what: string, why: string): void {
  writeSync(
    1,
    `${MARK}${JSON.stringify({ what, unit: '', rounds: [], note: `not measured: ${why}` } satisfies Figure)}\n`,
  )
}

/** Time that `run` takes, in nanoseconds. */
export function elapsed(run: () => void): number {
  const start = process.hrtime.bigint()
  run()
  return Number(process.hrtime.bigint() - start)
}

export async function elapsedAsync(run: () => Promise<void>): Promise<number> {
  const start = process.hrtime.bigint()
  await run()
  return Number(process.hrtime.bigint() - start)
}

/** Measures some things once, each in its unit per operation. */
export type Round = () => readonly number[] | Promise<readonly number[]>

/** What was measured in all rounds, by thing. */
export interface Turns {
  readonly ours: readonly number[][]
  readonly peer: readonly number[][]
}

/** Share of a round that this process may have waited for a processor. */
const WAIT_LIMIT = 0.1
const ATTEMPTS = 4

/**
 * Repeats a round in which others had the processor. For rounds that never wait for anything themselves; what runs beside
 * the main thread makes this too lenient, never too strict.
 */
export function undisturbed(round: () => readonly number[]): Round {
  return () => {
    let result: readonly number[] = []
    for (let attempt = 0; attempt < (quick ? 1 : ATTEMPTS); attempt++) {
      const before = process.cpuUsage()
      const took = elapsed(() => {
        result = round()
      })
      const { user, system } = process.cpuUsage(before)
      if (took / 1000 - user - system < WAIT_LIMIT * (took / 1000)) break
    }
    return result
  }
}

/** Measures ours and, where there is one, the peer, in turns; who is first changes each time. The first rounds do not count. */
export async function inTurns(rounds: number, warmUp: number, ours: Round, peer?: Round): Promise<Turns> {
  const turns = { ours: [] as number[][], peer: [] as number[][] }
  for (let i = -warmUp; i < rounds; i++) {
    // The peer's code is warm after one round.
    const both: [number[][], Round | undefined][] = [
      [turns.ours, ours],
      [turns.peer, i < -1 ? undefined : peer],
    ]
    if (i % 2 !== 0) both.reverse()
    for (const [columns, round] of both) {
      const values = await round?.()
      if (i < 0 || !values) continue
      for (const [n, value] of values.entries()) {
        columns[n] ??= []
        columns[n].push(value)
      }
    }
  }
  return turns
}

/** Bytes in use in this process, after all garbage was collected: objects, and memory that they stand for. */
export function bytesInUse(): number {
  if (!globalThis.gc) throw new Error('the suite needs --expose-gc')
  for (let i = 0; i < 3; i++) globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
