import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { embedded } from '@netkit/kernel'
import { openTap } from '@netkit/linux'
import { connect, type Kernel } from 'netkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acquire } from './client.ts'
import { MACHINE, makePod, POD, SERVER, UPLINK } from './pod.ts'

/* The walk-through of spec 03 §8.7 with the machine's dnsmasq, behind a TAP interface in a namespace of the machine. */

const NS = `netkit-dhcp-${process.pid}`
const TAP = 'tap0'
const state = mkdtempSync(join(tmpdir(), 'netkit-dhcp-'))
const LEASES = join(state, 'leases')
const ip = (line: string) => promisify(execFile)('ip', line.split(' '))

const has = (tool: string): boolean => {
  try {
    execFileSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${tool}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function whyNot(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux'
  if (!existsSync('/dev/net/tun')) return 'no tun driver'
  return ['ip', 'dnsmasq'].every(has) ? undefined : 'not installed: ip, dnsmasq'
}

const why = whyNot()

/** Resolves when the server says that it serves. */
async function startServer(): Promise<ReturnType<typeof spawn>> {
  const range = '--dhcp-range=10.9.0.100,10.9.0.150,255.255.255.0,1h'
  const files = [`--dhcp-leasefile=${LEASES}`, '--pid-file=', '--conf-file=/dev/null']
  const child = spawn(
    'ip',
    ['netns', 'exec', NS, 'dnsmasq', '--no-daemon', '--user=root', '--port=0', '--no-ping', range, ...files],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } },
  )
  for await (const text of child.stderr) if (String(text).includes('DHCP, IP range')) return child
  throw new Error('dnsmasq does not start')
}

describe.skipIf(why)(`a DHCP client behind AF_XDP and the machine's dnsmasq${why ? ` (${why})` : ''}`, () => {
  let server: ReturnType<typeof spawn>
  let kernel: Kernel

  beforeAll(async () => {
    await ip(`netns add ${NS}`)
    await ip(`-n ${NS} tuntap add ${TAP} mode tap`)
    await ip(`-n ${NS} addr add ${SERVER}/24 dev ${TAP}`)
    await ip(`-n ${NS} link set ${TAP} up`)
    await ip(`-n ${NS} route add 10.9.0.0/24 via ${UPLINK}`)
    server = await startServer()
    kernel = await connect(embedded({ extensions: ['netkit-xdp'], openTap }))
  })

  afterAll(async () => {
    await kernel?.close()
    if (server && server.exitCode === null) {
      const ended = once(server, 'exit')
      server.kill()
      await ended
    }
    await ip(`netns del ${NS}`).catch(() => undefined)
    rmSync(state, { recursive: true, force: true })
  })

  test('agree on an address, and on the same one when asked again', async () => {
    const onWire: Uint8Array[] = []
    const transmit = (frame: Uint8Array) => void (frame[11] === MACHINE[5] && onWire.push(frame))
    await using pod = await makePod(kernel, { kind: 'function', transmit }, { kind: 'tap', name: TAP, namespace: NS })
    const lease = await acquire(pod.socket, { mac: MACHINE, xid: 1 })
    expect(lease).toMatchObject({ mask: '255.255.255.0', router: '10.9.0.1', time: 3600, server: SERVER })
    expect(lease.address).toMatch(/^10\.9\.0\.1[0-5]\d$/)
    expect(readFileSync(LEASES, 'utf8')).toContain(`02:00:00:00:00:42 ${lease.address} `)
    expect(await acquire(pod.socket, { mac: MACHINE, xid: 2 })).toEqual(lease)
    const { netkitXdp } = await kernel.devices.get('nk0', { in: POD })
    expect(netkitXdp?.egress).toMatchObject({ pass: 4n, tx: 0n, drop: 0n })
    expect(netkitXdp?.inject).toMatchObject({ redirect: 4n, redirectErr: 0n })
    expect(onWire).toEqual([])
  })
})
