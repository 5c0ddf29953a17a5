import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const cache = join(root, 'packages/cli/node_modules/.cache')
const run = promisify(execFile)

let folder: string
let state: string

beforeAll(() => {
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, 'command-'))
  state = mkdtempSync(join(tmpdir(), 'netkit-'))
  execFileSync(process.execPath, [require.resolve('tsx/cli'), join(root, 'tools/command.ts'), folder])
})
afterAll(async () => {
  await netkit('kernel', 'stop')
  rmSync(folder, { recursive: true, force: true })
  rmSync(state, { recursive: true, force: true })
})

/** The command as it is built, in a process of its own. */
const netkit = async (...words: string[]) => {
  const env = { ...process.env, NETKIT_STATE: state }
  return (await run(process.execPath, [join(folder, 'netkit.cjs'), ...words], { env })).stdout
}

test('starts a kernel process, uses it, and stops it', async () => {
  expect(await netkit('link', 'add', 'a0', 'type', 'netkit')).toBe('')
  const links = JSON.parse(await netkit('-j', 'link', 'show')) as { ifname: string }[]
  expect(links.map((link) => link.ifname)).toEqual(['lo', 'nk0', 'a0'])
  expect(await netkit('kernel', 'status')).toMatch(/^running/)
  expect(existsSync(join(state, 'kernel.sock'))).toBe(true)
  expect(await netkit('kernel', 'log')).toMatch(/"msg":"started"/)
  expect(await netkit('kernel', 'stop')).toBe('stopped\n')
  expect(existsSync(join(state, 'kernel.sock'))).toBe(false)
  expect(await netkit('kernel', 'stop', 'discard')).toBe('was not running\n')
  expect(JSON.parse(await netkit('-j', 'link', 'show'))).toHaveLength(1)
})

test('says in status and text what a kernel refuses and what words are wrong', async () => {
  await netkit('link', 'add', 'b0', 'type', 'netkit')
  const again = netkit('link', 'add', 'b0', 'type', 'netkit')
  await expect(again).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/EEXIST|exists/i) })
  await expect(netkit('link', 'ad')).rejects.toMatchObject({ code: 1 })
})

test('many commands at once get one kernel', async () => {
  await netkit('kernel', 'stop', 'discard')
  await Promise.all(Array.from({ length: 5 }, (_, n) => netkit('netns', 'add', `n${n}`)))
  const names = (await netkit('netns', 'list')).trim().split('\n')
  expect(names.map((line) => line.split(' ')[0]).sort()).toEqual(['n0', 'n1', 'n2', 'n3', 'n4'])
})
