import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../../../../..', import.meta.url))
const cache = join(root, 'packages/cli/node_modules/.cache')
const run = promisify(execFile)
const PODS = 4
const ROUNDS = 6
const seed = (Math.random() * 0x7fff_ffff) | 0

let folder: string
let state: string

beforeAll(() => {
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, 'command-'))
  state = mkdtempSync(join(tmpdir(), 'netkit-'))
  execFileSync(process.execPath, [require.resolve('tsx/cli'), join(root, 'tools/command.ts'), folder])
  writeFileSync(join(state, 'pods.yaml'), pods(1400))
  writeFileSync(join(state, 'changed.yaml'), pods(9000))
  writeFileSync(join(state, 'nothing.yaml'), 'version: 1\nset: pods\n')
})
afterAll(async () => {
  await netkit('kernel', 'stop', 'discard')
  rmSync(folder, { recursive: true, force: true })
  rmSync(state, { recursive: true, force: true })
})

/** Pods, each with a pair, addresses and a route, and a single device that leases a queue. */
function pods(mtu: number): string {
  const host = mtu === 1400 ? 1 : 3
  const all = Array.from({ length: PODS }, (_, i) => i)
  return JSON.stringify({
    version: 1,
    set: 'pods',
    namespaces: Object.fromEntries(
      all.map((i) => [`pod${i}`, { routes: [{ to: 'default', via: `10.0.${i}.${host}` }] }]),
    ),
    own: { rules: all.map((i) => ({ priority: 100 * host + i, from: `10.0.${i}.0/24`, table: 100 })) },
    nics: { eth0: { queues: 8, up: true } },
    pairs: Object.fromEntries(
      all.map((i) => [
        `nk${i}`,
        {
          mode: 'l2',
          mtu,
          up: true,
          addresses: [`10.0.${i}.${host}/24`, `10.0.${i}.5/24`],
          peer: { name: 'eth0', netns: `pod${i}`, mtu, up: true, addresses: [`10.0.${i}.2/24`] },
        },
      ]),
    ),
    singles: Object.fromEntries(
      all.map((i) => [
        `rx${i}`,
        { netns: `pod${i}`, name: 'rx', leases: [{ nic: 'eth0', queue: mtu === 1400 ? i : 7 - i }] },
      ]),
    ),
  })
}

const program = () => join(folder, 'netkit.cjs')
const env = () => ({ ...process.env, NETKIT_STATE: state })

const netkit = async (...words: string[]): Promise<string> =>
  (await run(process.execPath, [program(), ...words], { env: env(), cwd: state })).stdout

/** Applies a file and kills the command with its n-th step. */
async function killed(file: string, steps: number): Promise<void> {
  const words = ['apply', '-f', file, '--prune', '--allow-recreate']
  const child = spawn(process.execPath, [program(), ...words], {
    env: env(),
    cwd: state,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let seen = 0
  createInterface(child.stdout).on('line', () => {
    if (++seen >= steps) child.kill('SIGKILL')
  })
  await ended
}

/** Without the addresses, which are chosen at random. */
const exported = async (): Promise<unknown> =>
  JSON.parse(await netkit('-j', 'export'), (key, value) => (key === 'address' ? undefined : value))

test(`an apply that is killed with SIGKILL, anywhere, is finished by the next, seed ${seed}`, async () => {
  let random = seed
  const next = (below: number) => {
    random = (Math.imul(random, 1103515245) + 12345) & 0x7fff_ffff
    return 1 + (random % below)
  }
  await netkit('apply', '-f', 'pods.yaml')
  const first = await exported()
  await netkit('apply', '-f', 'changed.yaml', '--allow-recreate')
  const second = await exported()
  for (let round = 0; round < ROUNDS; round++) {
    await netkit('apply', '-f', 'nothing.yaml', '--prune')
    await killed('pods.yaml', next(50))
    await netkit('apply', '-f', 'pods.yaml', '--adopt')
    expect(await exported()).toEqual(first)
    await killed('changed.yaml', next(40))
    await netkit('apply', '-f', 'changed.yaml', '--allow-recreate')
    expect(await exported()).toEqual(second)
    expect(await netkit('diff', '-f', 'changed.yaml')).toBe('0 differences\n')
  }
}, 120_000)
