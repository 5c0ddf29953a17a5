import { describe, expect, test } from 'vitest'
import { shell } from '../../testing/shell.ts'
import type { KernelControl, KernelStatus } from '../context.ts'

const STATUS: KernelStatus = {
  pid: 4711,
  version: '1.2.3',
  release: '7.3',
  socket: '/run/netkit/kernel.sock',
  journal: '/state/journal',
  startedAt: Date.UTC(2026, 0, 5, 9, 0, 0),
  clients: 1,
  namespaces: 2,
  devices: 5,
  leases: 0,
  memory: 64 * 1024 * 1024,
}

/** A process that runs or not; what was asked of it is noted. */
function control(running: boolean): KernelControl & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    async start({ release } = {}) {
      asked.push(release === undefined ? 'start' : `start ${release}`)
      return { started: !running, status: STATUS }
    },
    async stop(options) {
      asked.push(options?.discard ? 'stop discard' : 'stop')
      return running
    },
    async status() {
      asked.push('status')
      return running ? STATUS : undefined
    },
    async *log({ lines }) {
      yield* ['one', 'two', 'three'].slice(-(lines ?? 3))
    },
  }
}

describe('the kernel process', () => {
  const now = () => STATUS.startedAt + 7_500_000
  const on = (line: string, running = true) => shell()(line, { control: control(running), now })

  test('status', async () => {
    const { out, status } = await on('kernel')
    expect(status).toBe(0)
    expect(out.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, 'then')).toMatchInlineSnapshot(`
      "running, process 4711, answers as Linux 7.3 (netkit 1.2.3)
        started     then, 2 h 5 min ago
        socket      /run/netkit/kernel.sock
        journal     /state/journal
        has         2 namespaces, 5 devices, 0 leases, 1 client
        memory      64.0 MiB
      "
    `)
    expect(JSON.parse((await on('-j kernel status')).out)).toMatchObject([{ running: true, pid: 4711, devices: 5 }])
    expect(await on('kernel status', false)).toEqual({ status: 1, out: 'not running\n', err: '' })
  })

  test('start as a release', async () => {
    const process = control(true)
    expect((await shell()('kernel start release 7.3', { control: process })).status).toBe(0)
    expect(process.asked).toEqual(['start 7.3'])
    expect(await on('kernel start release 6.12')).toEqual({
      status: 1,
      out: '',
      err: 'Error: the kernel that runs answers as Linux 7.3: stop it first\nSee: netkit help kernel start\n',
    })
    expect((await on('kernel start release 6.1')).err).toContain("release: '6.1' is not 6.12 or 7.3")
  })

  test('start, stop, log', async () => {
    expect((await on('kernel start')).out).toBe('was running, process 4711\n')
    expect((await on('kernel start', false)).out).toBe('started, process 4711\n')
    expect((await on('kernel stop')).out).toBe('stopped\n')
    expect((await on('kernel stop', false)).out).toBe('was not running\n')
    expect((await on('kernel log lines 2')).out).toBe('two\nthree\n')
    const process = control(true)
    await shell()('kernel stop discard', { control: process })
    expect(process.asked).toEqual(['stop discard'])
  })

  test('completion starts none', async () => {
    const process = control(false)
    expect((await shell()('__complete link set n', { control: process })).out).not.toContain('nk')
    expect(process.asked).toEqual(['status'])
  })
})
