import type { Kernel, ProgramInfo } from 'netkit'
import { integer } from '../../grammar/values.ts'
import { count } from '../../print/numbers.ts'
import { command } from '../command.ts'
import { pause } from '../pause.ts'
import { loaded, PROGRAM, type ProgramWord } from './program.ts'
import { allPrograms } from './show.ts'

const HEADS = [
  { title: 'ID', right: true },
  { title: 'NAME' },
  { title: 'RUNS', right: true },
  { title: 'RUNS/S', right: true },
  { title: 'NS/RUN', right: true },
  { title: 'CPU', right: true },
  { title: 'INSNS', right: true },
]
const NS_PER_S = 1e9
const MS_PER_S = 1000

/** What a program did while it was watched. */
interface Measured {
  readonly info: ProgramInfo
  readonly runs: number
  readonly ns: number
}

export const profile = command({
  name: 'profile',
  summary: 'count and time the runs of programs for a while',
  words: {
    prog: {
      value: PROGRAM,
      positional: true,
      multi: true,
      doc: 'only these: ids, names, paths where they are pinned; default: all that run',
    },
    seconds: { value: integer('N', 1, 86_400), doc: 'how long; default: 1. Ends earlier when it is interrupted' },
  },
  notes: [
    'CPU is the share of one processor that the program took. Counting costs some nanoseconds a run, which are in NS/RUN. A program that is reached by a tail call counts for the one that called it.',
  ],
  examples: [['prog profile seconds 5', 'which programs run, how often and how long']],
  async run({ prog, seconds = 1 }, session) {
    const kernel = await session.kernel()
    await using _on = await kernel.bpf.enableStats()
    const before = await snapshot(kernel)
    const start = session.context.now()
    await pause(seconds * MS_PER_S, session.context.interrupted)
    const after = await snapshot(kernel)
    const elapsed = Math.max(1, session.context.now() - start) / MS_PER_S
    const wanted = prog && new Set(await Promise.all(prog.map((word) => idOf(kernel, word))))
    const measured = [...after.values()]
      .map((info) => difference(before.get(info.id), info))
      .filter(({ info, runs }) => (wanted ? wanted.has(info.id) : runs > 0))
      .sort((a, b) => b.ns - a.ns)
    await session.table(
      HEADS,
      measured.map(({ info, runs, ns }) => [
        `${info.id}`,
        info.name,
        count(runs, session.options),
        count(Math.round(runs / elapsed), session.options),
        runs > 0 ? (ns / runs).toFixed(1) : '',
        `${((100 * ns) / NS_PER_S / elapsed).toFixed(1)}%`,
        `${info.xlatedBytes / 8}`,
      ]),
      measured.map(({ info, runs, ns }) => ({
        id: info.id,
        name: info.name,
        run_cnt: runs,
        run_time_ns: ns,
        seconds: elapsed,
        insns: info.xlatedBytes / 8,
      })),
    )
  },
})

async function snapshot(kernel: Kernel): Promise<Map<number, ProgramInfo>> {
  const infos = new Map<number, ProgramInfo>()
  for await (const info of allPrograms(kernel)) infos.set(info.id, info)
  return infos
}

const difference = (before: ProgramInfo | undefined, info: ProgramInfo): Measured => ({
  info,
  runs: Number(info.runCount - (before?.runCount ?? 0n)),
  ns: Number(info.runTimeNs - (before?.runTimeNs ?? 0n)),
})

async function idOf(kernel: Kernel, word: ProgramWord): Promise<number> {
  await using program = await loaded(kernel, word)
  return (await program.info()).id
}
