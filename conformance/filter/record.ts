/** Has the machine's tcpdump apply all filters and keeps which frames they let through: `tsx conformance/filter/record.ts`. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FILTERS, PLAIN, REFUSED } from './filters.ts'
import { FRAMES, pcapOf } from './frames.ts'

const folder = mkdtempSync(join(tmpdir(), 'netkit-filter-'))
const file = join(folder, 'frames.pcap')
writeFileSync(file, pcapOf(FRAMES))

/** Numbers of frames: the recording has them as microseconds. */
function matched(filter: string): number[] {
  const { stdout: out, stderr, status } = spawnSync('tcpdump', ['-O', '-r', file, '-w', '-', '--', filter])
  // It says so, and ends, where it can tell that no packet is let through.
  if (stderr.includes('expression rejects all packets')) return []
  if (status !== 0) throw new Error(`${filter}: ${stderr}`)
  const view = new DataView(out.buffer, out.byteOffset, out.length)
  const numbers: number[] = []
  for (let at = 24; at < out.length; at += 16 + view.getUint32(at + 8, true)) numbers.push(view.getUint32(at + 4, true))
  return numbers
}

const takes = (filter: string): boolean =>
  spawnSync('tcpdump', ['-r', file, '-w', '/dev/null', '--', filter], { stdio: 'ignore' }).status === 0
const wrong = [...REFUSED.filter(takes), ...PLAIN.filter((filter) => !takes(filter))]
if (wrong.length > 0) throw new Error(`tcpdump thinks otherwise of: ${wrong.join('; ')}`)
const answers = FILTERS.map((filter) => [filter, matched(filter)] as const)
const lines = answers.map(([filter, numbers]) => JSON.stringify([filter, numbers.join(' ')]))
writeFileSync(join(import.meta.dirname, '../cases/filter/tcpdump.jsonl'), `${lines.join('\n')}\n`)
rmSync(folder, { recursive: true })
