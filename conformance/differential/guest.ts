import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Recorded, Scenario } from './scenario.ts'

/** Seconds after which a machine is given up. */
const TIMEOUT = 3000
/** Scenarios for one machine: a kernel that made very many namespaces gets slow. */
const A_MACHINE = 2500
const MEMORY = '4G'

/** The command that runs another on Linux 7.3: `run` in the directory that NETKIT_LINUX names. */
function runCommand(): string {
  const folder = process.env.NETKIT_LINUX
  if (folder === undefined) throw new Error('NETKIT_LINUX must name a directory with a command `run`, see README.md')
  return join(folder, 'run')
}

function play(folder: string, lone: boolean): Promise<void> {
  const options = lone ? ['--lone'] : []
  const words = [
    '--dir',
    folder,
    '--timeout',
    String(TIMEOUT),
    '--memory',
    MEMORY,
    '--',
    'python3',
    'record.py',
    'scenarios.json',
    'recorded.jsonl',
    ...options,
  ]
  return new Promise((resolve, reject) => {
    const child = spawn(runCommand(), words, { stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('exit', (status) =>
      status === 0 ? resolve() : reject(new Error(`the machine ended with status ${status}`)),
    )
  })
}

/** Plays scenarios on the real kernel. `lone`: one after the other, so that nothing of one meets anything of another. */
export async function playReal(scenarios: readonly Scenario[], { lone = false } = {}): Promise<Recorded[]> {
  const found: Recorded[] = []
  for (let at = 0; at < scenarios.length; at += A_MACHINE) {
    const folder = mkdtempSync(join(tmpdir(), 'netkit-differential-'))
    try {
      copyFileSync(join(import.meta.dirname, 'record.py'), join(folder, 'record.py'))
      writeFileSync(join(folder, 'scenarios.json'), JSON.stringify({ scenarios: scenarios.slice(at, at + A_MACHINE) }))
      await play(folder, lone)
      found.push(...readLines<Recorded>(join(folder, 'recorded.jsonl')))
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  return found
}

const readLines = <T>(file: string): T[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)

/** A batch on disk: scenarios and what the real kernel did, a line each. */
export function saveBatch(folder: string, scenarios: readonly Scenario[], recorded: readonly Recorded[]): void {
  mkdirSync(folder, { recursive: true })
  const lines = (list: readonly unknown[]) => list.map((item) => `${JSON.stringify(item)}\n`).join('')
  writeFileSync(join(folder, 'scenarios.jsonl'), lines(scenarios))
  writeFileSync(join(folder, 'recorded.jsonl'), lines(recorded))
}

export const loadBatch = (folder: string): { scenarios: Scenario[]; recorded: Recorded[] } => ({
  scenarios: readLines<Scenario>(join(folder, 'scenarios.jsonl')),
  recorded: readLines<Recorded>(join(folder, 'recorded.jsonl')),
})
