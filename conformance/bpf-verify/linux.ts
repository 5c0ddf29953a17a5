import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assemble, encode, PROG_TYPE } from '@netkit/bpf'
import type { Answer, VerifyCase } from './cases.ts'

const MOST_OUTPUT = 1 << 28

/** Runs Python with a script of a folder; what it prints. */
export type Python = (folder: string, script: string) => string

/** On the machine's own kernel. */
export const localPython: Python = (folder, script) =>
  execFileSync('python3', [script], { cwd: folder, maxBuffer: MOST_OUTPUT }).toString()

/** On a Linux that RUN boots, as `conformance/linux/run` does. */
export const pythonOn =
  (run: string): Python =>
  (folder, script) =>
    execFileSync(run, ['--dir', folder, '--timeout', '600', '--', 'python3', script], {
      maxBuffer: MOST_OUTPUT,
    }).toString()

/** What a kernel makes of programs. */
export function ask(rows: readonly VerifyCase[], python: Python): (Answer & { readonly name: string })[] {
  const folder = mkdtempSync(join(tmpdir(), 'netkit-verify-'))
  try {
    copyFileSync(join(import.meta.dirname, 'load.py'), join(folder, 'load.py'))
    const programs = rows.map(({ name, type, license, caps, asm, maps }) => ({
      name,
      type: PROG_TYPE[type],
      license,
      caps,
      code: Buffer.from(encode(assemble(asm))).toString('hex'),
      maps: maps.map(({ type: t, keySize, valueSize, maxEntries, flags }) => [
        t,
        keySize,
        valueSize,
        maxEntries,
        flags,
      ]),
    }))
    writeFileSync(join(folder, 'programs.json'), JSON.stringify(programs))
    return JSON.parse(python(folder, 'load.py'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
