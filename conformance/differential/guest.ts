import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Recorded, Scenario } from './scenario.ts'
import { chunks } from './steps.ts'

/** Seconds after which a machine is given up. */
const TIMEOUT = 3000
/** Scenarios for one machine: a kernel that made very many namespaces gets slow. */
const A_MACHINE = 2500
/** Machines that run at once: each has one processor. */
const AT_ONCE = 2
/** Scenarios for which it is not worth to start another machine. */
const FEW = 50
const MEMORY = '4G'

/** The command that runs another on Linux 7.3: `run` in the directory that NETKIT_LINUX names. Default: the project's own. */
const runCommand = (): string => join(process.env.NETKIT_LINUX ?? join(import.meta.dirname, '../linux'), 'run')

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
    'recorder',
    'scenarios.json',
    'recorded.jsonl',
    ...options,
  ]
  return new Promise((resolve, reject) => {
    // Waiting costs nothing there, and what the kernel puts off does not depend on how busy this machine is.
    const env = { NETKIT_LINUX_CLOCK: 'virtual', ...process.env }
    const child = spawn(runCommand(), words, { env, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('exit', (status) =>
      status === 0 ? resolve() : reject(new Error(`the machine ended with status ${status}`)),
    )
  })
}

/** Plays scenarios on one machine. What is recorded comes in any order. */
async function playOn(scenarios: readonly Scenario[], lone: boolean): Promise<Map<Scenario, Recorded>> {
  const folder = mkdtempSync(join(tmpdir(), 'netkit-differential-'))
  try {
    cpSync(join(import.meta.dirname, 'recorder'), join(folder, 'recorder'), { recursive: true })
    // Scenarios may share a name: each is called by its number meanwhile.
    const numbered = scenarios.map((scenario, i) => ({ ...scenario, name: String(i) }))
    writeFileSync(join(folder, 'scenarios.json'), JSON.stringify({ scenarios: numbered }))
    await play(folder, lone)
    const recorded = readLines<Recorded>(join(folder, 'recorded.jsonl')).map((r): [Scenario, Recorded] => {
      const scenario = scenarios[Number(r.name)]
      return [scenario, { ...r, name: scenario.name }]
    })
    return new Map(recorded)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Plays scenarios on the real kernel. `lone`: one after the other, so that nothing of one meets anything of another. */
export async function playReal(scenarios: readonly Scenario[], { lone = false } = {}): Promise<Recorded[]> {
  const found = new Map<Scenario, Recorded>()
  const size = Math.min(A_MACHINE, Math.max(FEW, Math.ceil(scenarios.length / AT_ONCE)))
  const waiting = chunks(scenarios, size)
  const worker = async (): Promise<void> => {
    for (let part = waiting.shift(); part; part = waiting.shift())
      for (const [scenario, recorded] of await playOn(part, lone)) found.set(scenario, recorded)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return scenarios.map((s) => {
    const recorded = found.get(s)
    if (!recorded) throw new Error(`${s.name} was not played`)
    return recorded
  })
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
