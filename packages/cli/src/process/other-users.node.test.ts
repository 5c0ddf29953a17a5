import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { expect, test } from 'vitest'
import { TestKernel } from './testing/kernel-process.ts'

const NOBODY = 65_534
const SETPRIV = 'setpriv'

/** Why this machine cannot tell what another user may do; undefined if it can. */
function why(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can become another user'
  if (spawnSync(SETPRIV, ['--version']).status !== 0) return 'there is no setpriv'
  return undefined
}

/** What becomes of a connection that another user makes, and of a hello on it. */
const CONNECT = `
  const socket = require('node:net').connect(process.argv[1])
  const hello = JSON.stringify({ netkit: 1, door: 'calls' })
  const head = Buffer.alloc(8)
  head.writeUInt32LE(hello.length, 0)
  head[4] = 1
  socket.write(Buffer.concat([head, Buffer.from(hello)]))
  socket.on('data', (bytes) => { console.log('answered ' + bytes.length); process.exit() })
  socket.on('error', (error) => { console.log(error.code); process.exit() })
  socket.on('close', () => { console.log('closed'); process.exit() })`

const asNobody = (path: string): string =>
  execFileSync(
    SETPRIV,
    [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', process.execPath, '-e', CONNECT, path],
    {
      encoding: 'utf8',
      cwd: '/',
    },
  ).trim()

const reason = why()

test.skipIf(reason !== undefined)(
  `another user cannot reach a kernel${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    await using kernel = new TestKernel()
    await kernel.control.start()
    expect(asNobody(kernel.paths.socket)).toBe('EACCES')
  },
)

test.skipIf(reason !== undefined)(
  `nor be its client where the files are left open${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    await using kernel = new TestKernel()
    await kernel.control.start()
    chmodSync(kernel.paths.state, 0o711)
    chmodSync(kernel.paths.socket, 0o666)
    expect(asNobody(kernel.paths.socket)).toMatch(/^(closed|ECONNRESET|EPIPE)$/)
    chmodSync(kernel.paths.state, 0o700)
    const lines: string[] = []
    for await (const line of kernel.control.log({})) lines.push(line)
    expect(
      lines.some((line) => line.includes('refused a client of another user') && line.includes(`"uid":${NOBODY}`)),
    ).toBe(true)
  },
)

test('who leaves the directory open is told, before anything is sent', async () => {
  await using kernel = new TestKernel()
  await kernel.control.start()
  chmodSync(kernel.paths.state, 0o755)
  await expect(kernel.connect()).rejects.toThrow(/chmod 700/)
  await expect(kernel.control.status()).rejects.toThrow(/chmod 700/)
  chmodSync(kernel.paths.state, 0o700)
})
