import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Coverage } from './coverage.ts'
import { FAMILY_NUMBERS, type FamilyName } from './generic-ids.ts'
import type { Protocol } from './scenario.ts'
import type { Compared } from './summary.ts'

const ROOT = join(import.meta.dirname, '../..')
const FOLDER = resolve(ROOT, process.env.NETKIT_GOLDEN ?? '../shared/golden')

interface RecordedStep {
  readonly op?: string
  readonly proto?: Protocol
  readonly req?: { readonly hex: string }
  readonly defs?: Readonly<Record<string, string>>
}

/** Puts bytes where a recorded request says that something was chosen by the kernel. */
function filled(hex: string, defs: Readonly<Record<string, string>>): string {
  return hex
    .replace(/\{@([^}]+)\}/g, (_, name: string) => defs[name])
    .replace(/\{(\d+) ([^}]+)\}/g, (_, length: string, name: string) => {
      const family = FAMILY_NUMBERS[name.replace('$family:', '') as FamilyName]
      return family === undefined
        ? '00'.repeat(Number(length))
        : `0${(family & 0xff).toString(16)}`.slice(-2) + (family >> 8).toString(16)
    })
}

/** Replays the recordings on the embedded kernel, which must not differ, and counts what they ask. */
export function compareRecordings(coverage: Coverage): Compared {
  if (!existsSync(FOLDER)) throw new Error(`no recordings in ${FOLDER}; NETKIT_GOLDEN may name another directory`)
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(FOLDER, name))
  const command = join(ROOT, 'packages/cli/src/bin.ts')
  execFileSync(process.execPath, ['--import', 'tsx', '--conditions=source', command, 'replay', ...files], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let operations = 0
  for (const file of files) {
    const [head, ...steps] = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RecordedStep)
    operations += steps.length
    for (const { proto, req } of steps) if (proto && req) coverage.add(filled(req.hex, head.defs ?? {}), proto, false)
  }
  return { conversations: files.length, operations }
}
