import type { Machine } from './machine.ts'
import { type Results, type Row, rowOf } from './results.ts'

const HEAD = `# Benchmark results

Written by \`npm run bench\` from \`bench/results.json\`; do not edit. Figures are medians: of the rounds of a process, then
over several fresh processes, whose medians span the *range*. A *peer* is the machine's own kernel, or another
library over it, doing the same, measured in turns with ours in the same run; *ratio* is peer ÷ ours. What is measured is
the built packages in plain Node.
`

const COLUMNS = ['what', 'figure', 'range', 'target', 'peer', 'ratio', 'verdict']

const cells = ({ what, figure, spread, targets, peer, ratio, verdict }: Row): string[] => [
  what,
  figure,
  spread,
  targets,
  peer,
  ratio,
  verdict === 'MISSED' ? '**missed**' : verdict,
]

const line = (words: readonly string[]): string => `| ${words.join(' | ')} |`

const place = (m: Machine, processes: number): string =>
  `${m.cpu}, ${m.cores} cores, ${m.memoryGb} GB, ${m.system}, Node ${m.node}, commit ${m.commit}${m.changed ? ' with changes' : ''}, ` +
  `${m.date}, ${processes} ${processes === 1 ? 'process' : 'processes'}.`

/** The page with all results. */
export function toMarkdown(results: Results): string {
  const parts = Object.entries(results).map(([suite, { machine, processes, figures }]) => {
    const rows = figures.map((figure) => line(cells(rowOf(figure, figures))))
    return [
      `## ${suite}`,
      '',
      place(machine, processes),
      '',
      line(COLUMNS),
      line(COLUMNS.map(() => '---')),
      ...rows,
      '',
    ].join('\n')
  })
  return [HEAD, ...parts].join('\n')
}

/** The same for a terminal, of one suite. `judge`: with targets and verdicts. */
export function toLines(results: Results, suite: string, judge: boolean): string[] {
  const { figures } = results[suite]
  return figures.map((figure) => {
    const { what, figure: value, spread, targets, peer, ratio, verdict } = rowOf(figure, figures)
    const tail = [spread && `(${spread})`, peer && `peer ${peer}`, ratio, ...(judge ? [targets, verdict] : [])]
      .filter(Boolean)
      .join('  ')
    return `  ${what.padEnd(58)} ${value.padStart(12)}  ${tail}`
  })
}
