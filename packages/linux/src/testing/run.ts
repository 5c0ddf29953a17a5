import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** A program of this folder, ready to run. */
export interface Bundle {
  run(...words: string[]): Promise<Outcome>
  remove(): void
}

/** Bundles a program, so that it starts quickly, in a folder from where koffi is found and that everybody may read. */
export async function bundle(file: string): Promise<Bundle> {
  const here = fileURLToPath(new URL('.', import.meta.url))
  const cache = join(here, '../../../../node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'netkit-test-'))
  chmodSync(folder, 0o755)
  const program = join(folder, 'program.mjs')
  await build({
    entryPoints: [join(here, file)],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['source'],
    external: ['koffi'],
    logLevel: 'error',
  })
  return {
    run: (...words) =>
      new Promise((resolve) => {
        execFile(process.execPath, [program, ...words], { timeout: 60_000 }, (error, stdout, stderr) => {
          const status = typeof error?.code === 'number' ? error.code : error ? -1 : 0
          resolve({ status, stdout, stderr })
        })
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
