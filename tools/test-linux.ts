import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { tally } from './tally/count.ts'

/**
 * `npm run test:linux [-- NAME...]`: what must be tried on a real kernel, in one machine: the suite, the tests of
 * packages/linux, the golden recordings, journeys with the built command. With names, only the files of tests that are called so.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const work = join(root, '.cache/test-linux')
const results = process.env.NETKIT_TEST_RESULTS ?? join(root, '.cache/test-results')
const golden = process.env.NETKIT_GOLDEN ?? join(root, '../shared/golden')
const SERIES = process.env.NETKIT_LINUX_SERIES ?? '7.3'
const MINUTES = 30

const names = process.argv.slice(2)
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
    .filter((name) => name.endsWith('.guest.test.ts'))
    .map((name) => join(folder, name))

/** Tests as single files, each whole (shared pieces would run in another order than modules do), since reading and compiling a thousand modules takes the guest minutes. */
async function bundle(): Promise<void> {
  const entries = testsIn('conformance/linux')
  step(`bundling ${entries.length} files of tests`)
  await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: join(work, 'tests'),
    outbase: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
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
/** The guest has no compiler. */
const programs = join(work, 'programs')
mkdirSync(programs)
must('building programs', 'npx', '--no-install', 'tsx', 'conformance/programs/build-all.ts', programs)
if (existsSync(golden)) cpSync(golden, join(work, 'golden'), { recursive: true })

/** The same path in the guest. */
const there = (path: string): string => join('/host', relative(root, path))
const report = join(work, 'report.json')
const variables: Readonly<Record<string, string>> = {
  CI: 'true',
  // Of descriptors that were opened by other means than Node's own.
  NODE_NO_WARNINGS: '1',
  NO_COLOR: '1',
  NETKIT_GUEST_TESTS: there(join(work, 'tests')),
  NETKIT_GUEST_RESULTS: there(report),
  NETKIT_GOLDEN: existsSync(golden) ? there(join(work, 'golden')) : '',
  NETKIT_PROGRAMS_BUILT: there(programs),
  NETKIT_RECORDER: '/host/conformance/differential/recorder',
  NETKIT_COMMAND: there(join(work, 'command/netkit.cjs')),
}
const vitest =
  'node node_modules/vitest/vitest.mjs run --pool=threads --no-isolate --no-file-parallelism --maxWorkers=1'
const named = names.map((name) => `'${name}'`).join(' ')
/** The package's own tests start programs from its sources, and so run from them. */
const PACKAGE = 'packages/linux'
const runs = [`${vitest} --config vitest.linux.config.ts --passWithNoTests ${named}`]
/** An emulated machine takes its time. */
const PATIENCE = '--hookTimeout=120000 --testTimeout=120000'
if (names.length === 0 || names.includes(PACKAGE))
  runs.push(`NETKIT_TEST_RESULTS=${there(work)} ${vitest} ${PATIENCE} ${PACKAGE}`)
// Nobody else loads the module of TAP interfaces there.
const script = [
  'cd /host; status=0; modprobe tun || exit 1',
  ...runs.map((each) => `${each} || status=1`),
  'exit $status',
].join('\n')

step('starting the machine')
const options = ['--dir', root, '--series', SERIES, '--memory', '3G', '--timeout', String(MINUTES * 60)]
const settings = Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`])
const status = run(join(root, 'conformance/linux/run'), ...options, ...settings, '--', 'sh', '-c', script)
step('the machine has ended')
const reports = [report, join(work, 'node.json')]
  .slice(0, runs.length)
  .map((file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined))
const testResults = reports.flatMap((each) => each?.testResults ?? [])
if (reports.every((each) => each !== undefined))
  writeFileSync(join(results, 'linux.json'), JSON.stringify({ testResults }))
const { passed, failed } = tally(reports)
console.log(`Linux ${SERIES}: ${passed} passed, ${failed} failed, ${seconds()}`)
process.exitCode = status === 0 && failed === 0 ? 0 : 1
