import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { tally } from './tally/count.ts'

/**
 * `npm run test:linux [-- NAME...]`: what must be tried on a real kernel, in one machine: the suite, the tests of
 * packages/linux, the golden recordings, journeys with the built command. With names, only the tests whose files are called so.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const work = join(root, '.cache/test-linux')
const results = process.env.NETKIT_TEST_RESULTS ?? join(root, '.cache/test-results')
const golden = process.env.NETKIT_GOLDEN ?? join(root, '../shared/golden')
const SERIES = process.env.NETKIT_LINUX_SERIES ?? '7.3'
const MINUTES = 20

const began = Date.now()
const seconds = (): string => `${Math.round((Date.now() - began) / 1000)} s`
const step = (what: string): void => console.log(`${what} (${seconds()})`)

function run(program: string, ...words: string[]): number {
  const { status, error } = spawnSync(program, words, { stdio: ['ignore', 'inherit', 'inherit'], cwd: root })
  if (error) throw error
  return status ?? 1
}

function must(what: string, program: string, ...words: string[]): void {
  step(what)
  const status = run(program, ...words)
  if (status === 0) return
  console.error(`${what}: failed with status ${status}`)
  process.exit(1)
}

const testsIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name))

/** Tests as single files, since reading and compiling a thousand modules takes the guest minutes. */
async function bundle(): Promise<void> {
  const all = [...testsIn('conformance/linux'), ...testsIn('packages/linux/src')]
  const names = process.argv.slice(2)
  const entries = all.filter((file) => names.length === 0 || names.some((name) => file.includes(name)))
  if (entries.length === 0) throw new Error(`no tests are called ${names.join(' or ')}; there are ${all.join(', ')}`)
  step(`bundling ${entries.length} files of tests`)
  await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: join(work, 'tests'),
    outbase: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['source'],
    external: ['vitest', 'koffi', 'pino'],
    logLevel: 'error',
  })
}

rmSync(work, { recursive: true, force: true })
mkdirSync(work, { recursive: true })
mkdirSync(results, { recursive: true })
must(`the guest with Linux ${SERIES}`, join(root, 'conformance/linux/setup'), '--series', SERIES)
await bundle()
must('bundling the command', 'npx', '--no-install', 'tsx', 'tools/command.ts', join(work, 'command'))
if (existsSync(golden)) cpSync(golden, join(work, 'golden'), { recursive: true })

/** The same path in the guest. */
const there = (path: string): string => join('/host', relative(root, path))
const report = join(work, 'report.json')
const variables: Readonly<Record<string, string>> = {
  CI: 'true',
  NO_COLOR: '1',
  NETKIT_GUEST_TESTS: there(join(work, 'tests')),
  NETKIT_GUEST_RESULTS: there(report),
  NETKIT_GOLDEN: existsSync(golden) ? there(join(work, 'golden')) : '',
  NETKIT_RECORDER: '/host/conformance/differential/record.py',
  NETKIT_COMMAND: there(join(work, 'command/netkit.cjs')),
}
step('starting the machine')
const status = run(
  join(root, 'conformance/linux/run'),
  '--dir',
  root,
  '--series',
  SERIES,
  '--memory',
  '3G',
  '--timeout',
  String(MINUTES * 60),
  ...Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
  '--',
  'node',
  '/host/node_modules/vitest/vitest.mjs',
  'run',
  '--config',
  '/host/vitest.linux.config.ts',
)
step('the machine has ended')
if (existsSync(report)) cpSync(report, join(results, 'linux.json'))
const { passed, failed } = tally([existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined])
console.log(`Linux ${SERIES}: ${passed} passed, ${failed} failed, ${seconds()}`)
process.exitCode = status === 0 && failed === 0 ? 0 : 1
