import { execFile, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { embedded } from '@netkit/kernel'
import { openTap } from '@netkit/linux'
import { connect, type Kernel, type TcpConnection } from 'netkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { iperf3 } from './src/iperf3.ts'

/* TCP of an embedded kernel with programs of the machine at the other end of a TAP interface, and a wire between them that loses. */

const NS = `netkit-tcp-${process.pid}`
const OURS = '10.1.0.1'
const THEIRS = '10.1.0.2'
const HTTP_PORT = 8080
/** The first of as many servers as there are measurements: one that has just measured may still be busy with it. */
const IPERF_PORT = 5201
const LOSSES = [0, 0.01, 0.05]
const FILE_BYTES = 3_000_000
const TOOLS = ['ip', 'curl', 'iperf3', 'nginx']
const run = promisify(execFile)
const state = mkdtempSync(join(tmpdir(), 'netkit-tcp-'))
const children: ReturnType<typeof spawn>[] = []

const has = (tool: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function whyNot(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux'
  if (!existsSync('/dev/net/tun')) return 'no tun driver'
  const missing = TOOLS.filter((tool) => !has(tool))
  return missing.length > 0 ? `not installed: ${missing.join(', ')}` : undefined
}

const NGINX = `daemon off; master_process off; pid ${state}/nginx.pid; error_log ${state}/nginx.log;
events {} http { access_log off; client_body_temp_path ${state}; proxy_temp_path ${state}; fastcgi_temp_path ${state};
uwsgi_temp_path ${state}; scgi_temp_path ${state}; server { listen ${THEIRS}:${HTTP_PORT}; root ${state}; } }`

const file = Uint8Array.from({ length: FILE_BYTES }, (_, i) => (i * 31) ^ (i >> 7))
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const inside = (...command: string[]) =>
  run('ip', ['netns', 'exec', NS, ...command], { maxBuffer: 1 << 26, encoding: 'buffer' })
const serve = (...command: string[]): void => {
  children.push(spawn('ip', ['netns', 'exec', NS, ...command], { stdio: 'ignore' }))
}

async function readAll(connection: TcpConnection): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of connection) parts.push(part)
  return Buffer.concat(parts)
}

const why = whyNot()

describe.skipIf(why)(`TCP with programs of the machine${why ? ` (${why})` : ''}`, () => {
  let kernel: Kernel
  let nic: number

  beforeAll(async () => {
    await run('ip', ['netns', 'add', NS])
    kernel = await connect(embedded({ openTap }))
    const { hardware } = kernel.doors
    if (!hardware) throw new Error('no hardware')
    nic = (await hardware.addNic({ name: 'eth0', wire: { kind: 'tap', name: 'tap0', namespace: NS } })).id
    await kernel.devices.set('eth0', { up: true })
    await kernel.addresses.add('eth0', { address: `${OURS}/24` })
    for (const line of ['link set lo up', 'link set tap0 up', `addr add ${THEIRS}/24 dev tap0`])
      await run('ip', ['-n', NS, ...line.split(' ')])
    writeFileSync(join(state, 'file'), file)
    writeFileSync(join(state, 'nginx.conf'), NGINX)
    serve('nginx', '-c', join(state, 'nginx.conf'))
    for (let n = 0; n < 2 * LOSSES.length; n++) serve('iperf3', '-s', '-p', String(IPERF_PORT + n))
    await sleep(1500)
  }, 60_000)

  afterAll(async () => {
    for (const child of children) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await kernel.close()
    await run('ip', ['netns', 'del', NS])
    rmSync(state, { recursive: true })
  }, 60_000)

  describe.each(LOSSES)('loss of %f, with reordering', (loss) => {
    beforeAll(async () => {
      const wire = loss === 0 ? undefined : { loss, delay: 3, jitter: 2, reorder: 0.1, duplicate: 0.01, seed: 1 }
      for (const direction of ['rx', 'tx'] as const) await kernel.doors.hardware?.impair(nic, direction, wire)
    })

    test('curl reads from here', async () => {
      await using server = await kernel.tcp.listen({ address: OURS, port: HTTP_PORT })
      const serving = server.accept().then(async (connection) => {
        await connection.read()
        await connection.write(
          Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${FILE_BYTES}\r\nConnection: close\r\n\r\n`),
        )
        await connection.write(file)
        await connection.end()
        await connection.read()
        await connection.close()
      })
      const { stdout } = await inside('curl', '-sS', '--max-time', '120', `http://${OURS}:${HTTP_PORT}/file`)
      await serving
      expect(digest(stdout)).toBe(digest(file))
    }, 150_000)

    test('nginx is read from', async () => {
      await using client = await kernel.tcp.connect({ address: THEIRS, port: HTTP_PORT })
      await client.write(Buffer.from('GET /file HTTP/1.0\r\n\r\n'))
      const answer = await readAll(client)
      const body = answer.subarray(Buffer.from(answer).indexOf('\r\n\r\n') + 4)
      expect(digest(body)).toBe(digest(file))
    }, 150_000)

    test.each([false, true])(
      'iperf3 measures (reverse: %s)',
      async (reverse) => {
        const port = IPERF_PORT + 2 * LOSSES.indexOf(loss) + (reverse ? 1 : 0)
        const result = await iperf3(kernel, { address: THEIRS, port }, { reverse, bytes: FILE_BYTES })
        expect(result.received).toBeGreaterThanOrEqual(reverse ? FILE_BYTES : FILE_BYTES - 1)
      },
      150_000,
    )
  })
})
