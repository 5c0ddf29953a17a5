import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assemble, encode } from '@netkit/bpf'
import type { Answer, Case } from './case.ts'
import { assemblyOf } from './program.ts'

const RUNNER = join(import.meta.dirname, 'run.py')

/** Has a Linux run cases by `runner`: this machine's, as root, or with `run` the one that it boots as `conformance/linux/run` does. */
export function runOnLinux(cases: readonly Case[], run?: string, runner = RUNNER): Answer[] {
  const folder = mkdtempSync(join(tmpdir(), 'netkit-skb-'))
  try {
    copyFileSync(runner, join(folder, 'run.py'))
    const coded = cases.map(({ ops, verdict, ...rest }) => ({
      ...rest,
      code: Buffer.from(encode(assemble(assemblyOf(ops, verdict)))).toString('hex'),
    }))
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(coded))
    const [command, args] = run
      ? [run, ['--dir', folder, '--timeout', '600', '--', 'sh', '-c', 'python3 run.py > answers.json']]
      : ['sh', ['-c', 'python3 run.py > answers.json']]
    execFileSync(command, args, { cwd: folder, maxBuffer: 1 << 26 })
    return JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as Answer[]
  } finally {
    rmSync(folder, { recursive: true })
  }
}
