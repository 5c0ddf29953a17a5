import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { netkit, run, startNetkit } from './command.ts'

const NIC = 8
const PODS = [0, 1, 2]
const SECONDS = 1000
const folder = mkdtempSync(join(tmpdir(), 'netkit-'))

/** Pods, each with a pair and a single device that leases a queue. */
const pods = (mtu: number, nic: string): string =>
  JSON.stringify({
    version: 1,
    set: 'pods',
    namespaces: Object.fromEntries(PODS.map((i) => [`pod${i}`, {}])),
    pairs: Object.fromEntries(
      PODS.map((i) => [`nk${i}`, { mode: 'l2', mtu, up: true, peer: { name: 'p0', netns: `pod${i}`, mtu, up: true } }]),
    ),
    singles: Object.fromEntries(
      PODS.map((i) => [`rx${i}`, { netns: `pod${i}`, name: 'rx', leases: [{ nic, queue: mtu === 1400 ? i : 7 - i }] }]),
    ),
  })

async function must(...words: string[]): Promise<string> {
  const { status, out, err } = await netkit(...words)
  expect(status, `${words.join(' ')}: ${err}`).toBe(0)
  return out
}

const apply = (file: string, ...options: string[]): Promise<string> =>
  must('apply', '-f', join(folder, file), ...options)

/** Applies a file and kills the command when it tells of its n-th step. Returns whether it was still at it. */
async function killed(file: string, steps: number): Promise<boolean> {
  const child = startNetkit('apply', '-f', join(folder, file), '--prune', '--allow-recreate')
  const ended = new Promise<boolean>((resolve) => {
    child.once('close', (_, signal) => resolve(signal === 'SIGKILL'))
  })
  let seen = 0
  if (!child.stdout) throw new Error('no output')
  createInterface(child.stdout).on('line', () => {
    if (++seen === steps) child.kill('SIGKILL')
  })
  return await ended
}

/** What the set has, whatever other sets have, without addresses, which are chosen at random. */
const exported = async (): Promise<unknown> =>
  JSON.parse(await must('-j', 'export', 'set', 'pods'), (key, value) => (key === 'address' ? undefined : value))

beforeAll(async () => {
  const before = JSON.parse((await run('ip', '-j', 'link')).out) as { ifname: string }[]
  writeFileSync('/sys/bus/netdevsim/new_device', `${NIC} 1 8`)
  const after = JSON.parse((await run('ip', '-j', 'link')).out) as { ifname: string }[]
  const nic = after.find(({ ifname }) => !before.some((b) => b.ifname === ifname))?.ifname ?? ''
  await must('link', 'set', 'dev', nic, 'up')
  writeFileSync(join(folder, 'pods.yaml'), pods(1400, nic))
  writeFileSync(join(folder, 'changed.yaml'), pods(9000, nic))
  writeFileSync(join(folder, 'nothing.yaml'), 'version: 1\nset: pods\n')
}, 60 * SECONDS)
afterAll(async () => {
  await netkit('apply', '-f', join(folder, 'nothing.yaml'), '--prune')
  writeFileSync('/sys/bus/netdevsim/del_device', String(NIC))
}, 60 * SECONDS)

test(
  'an apply that is killed with SIGKILL is finished by the next',
  async () => {
    await apply('pods.yaml')
    const first = await exported()
    await apply('changed.yaml', '--allow-recreate')
    const second = await exported()
    expect(second).not.toEqual(first)
    const inTheMiddle: boolean[] = []
    for (const steps of [2, 8]) {
      await apply('nothing.yaml', '--prune')
      inTheMiddle.push(await killed('pods.yaml', steps))
      await apply('pods.yaml', '--adopt')
      expect(await exported(), `killed at step ${steps} of making`).toEqual(first)
      inTheMiddle.push(await killed('changed.yaml', steps))
      await apply('changed.yaml', '--allow-recreate')
      expect(await exported(), `killed at step ${steps} of changing`).toEqual(second)
    }
    expect(inTheMiddle).toContain(true)
    expect(await must('diff', '-f', join(folder, 'changed.yaml'))).toBe('0 differences\n')
  },
  600 * SECONDS,
)
