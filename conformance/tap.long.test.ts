import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { build, whyNotBuilt } from './programs/build.ts'

/*
 * Programs of the machine on either side of an embedded kernel, which routes between them:
 *
 *   left (machine) ─ TAP ─ eth0 ─ host ─ nk0 ═ programs ═ nk1 ─ pod ─ eth1 ─ TAP ─ right (machine)
 */

const NETKIT = join(import.meta.dirname, '../packages/cli/bin/netkit.cjs')
const LEFT = `netkit-left-${process.pid}`
const RIGHT = `netkit-right-${process.pid}`
const PORT = 8080
/** A server each: one that has just measured may still be busy with it. */
const IPERF_PORTS = { right: 5201, left: 5202 }
const FILE_BYTES = 3_000_000
const TOOLS = ['ip', 'ping', 'curl', 'iperf3', 'python3']
const state = mkdtempSync(join(tmpdir(), 'netkit-tap-'))
const children: ReturnType<typeof spawn>[] = []
const run = promisify(execFile)

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
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`
  if (!existsSync(join(import.meta.dirname, '../packages/cli/dist'))) return 'the command is not built'
  return whyNotBuilt()
}

const why = whyNot()

/** The built command, with a kernel process of its own. */
async function netkit(line: string): Promise<string> {
  const { stdout } = await run(process.execPath, [NETKIT, ...line.split(' ')], {
    env: { ...process.env, NETKIT_STATE: state },
  })
  return stdout
}

const ip = (line: string): Promise<unknown> => run('ip', line.split(' '))
const inside = (ns: string, ...command: string[]) =>
  run('ip', ['netns', 'exec', ns, ...command], { maxBuffer: 1 << 26 })

/** Starts a server in a namespace of the machine. */
function serve(ns: string, ...command: string[]): void {
  children.push(spawn('ip', ['netns', 'exec', ns, ...command], { cwd: state, stdio: 'ignore' }))
}

/** Packets that the program at one end of the pair has counted. */
async function counted(): Promise<number> {
  const elements = JSON.parse(await netkit('-j map dump counts')) as { value: { packets: number }[] }[]
  return elements.flatMap(({ value }) => value).reduce((sum, { packets }) => sum + packets, 0)
}

describe.skipIf(why)(
  `the machine's own programs talk through TAP, a pair with programs, and routes${why ? ` (${why})` : ''}`,
  () => {
    beforeAll(async () => {
      await ip(`netns add ${LEFT}`)
      await ip(`netns add ${RIGHT}`)
      for (const line of [
        'netns add pod',
        `nic add eth0 tap tap0 tap-netns ${LEFT}`,
        `-n pod nic add eth1 tap tap0 tap-netns ${RIGHT}`,
        'link add nk0 type netkit mode l2 peer name nk1 netns pod',
        ...['eth0', 'nk0', '-n pod nk1', '-n pod eth1'].map((dev) => {
          const [, place = '', name] = /^(-n pod )?(\w+)$/.exec(dev) ?? []
          return `${place}link set ${name} up`
        }),
        'addr add 10.1.0.1/24 dev eth0',
        'addr add 10.3.0.1/24 dev nk0',
        '-n pod addr add 10.3.0.2/24 dev nk1',
        '-n pod addr add 10.2.0.1/24 dev eth1',
        'route add 10.2.0.0/24 via 10.3.0.2',
        '-n pod route add 10.1.0.0/24 via 10.3.0.1',
        'addr add fd01::1/64 dev eth0 nodad',
        'addr add fd03::1/64 dev nk0 nodad',
        '-n pod addr add fd03::2/64 dev nk1 nodad',
        '-n pod addr add fd02::1/64 dev eth1 nodad',
        'route add fd02::/64 via fd03::2',
        '-n pod route add fd01::/64 via fd03::1',
        'sysctl net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1',
        '-n pod sysctl net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1',
      ])
        await netkit(line)
      const object = join(state, 'count.o')
      writeFileSync(object, build('count'))
      await netkit(`prog attach ${object} program count dev nk0`)
      await netkit(`prog attach ${object} program pass dev nk0`)
      for (const [ns, own, router] of [
        [LEFT, '1', '1'],
        [RIGHT, '2', '2'],
      ]) {
        await ip(`-n ${ns} link set lo up`)
        await ip(`-n ${ns} link set tap0 up`)
        await ip(`-n ${ns} addr add 10.${own}.0.2/24 dev tap0`)
        await ip(`-n ${ns} route add default via 10.${router}.0.1`)
        await ip(`-n ${ns} addr add fd0${own}::2/64 dev tap0 nodad`)
        await ip(`-n ${ns} route add default via fd0${router}::1`)
      }
      writeFileSync(
        join(state, 'file'),
        Uint8Array.from({ length: FILE_BYTES }, (_, i) => (i * 31) & 0xff),
      )
      serve(RIGHT, 'python3', '-m', 'http.server', '--bind', '::', String(PORT))
      for (const port of Object.values(IPERF_PORTS)) serve(RIGHT, 'iperf3', '-s', '-p', String(port))
      await sleep(1500)
    }, 120_000)

    afterAll(async () => {
      for (const child of children) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      await netkit('kernel stop discard')
      await ip(`netns del ${LEFT}`)
      await ip(`netns del ${RIGHT}`)
      rmSync(state, { recursive: true })
    }, 60_000)

    test.each(['10.2.0.2', 'fd02::2'])('ping %s', async (address) => {
      const before = await counted()
      // The first one waits until neighbours are found.
      await inside(LEFT, 'ping', '-c', '1', '-W', '5', address)
      const { stdout } = await inside(LEFT, 'ping', '-c', '10', '-i', '0.05', '-W', '5', address)
      expect(stdout).toContain('10 received, 0% packet loss')
      expect((await counted()) - before).toBeGreaterThanOrEqual(11)
    })

    test('a hop limit that ends at a router is told', async () => {
      const failed = await inside(LEFT, 'ping', '-c', '1', '-t', '1', '-W', '5', '10.2.0.2').catch(
        (e: { stdout: string }) => e,
      )
      expect(failed.stdout).toMatch(/From 10\.1\.0\.1 .*Time to live exceeded/)
    })

    test.each(['10.2.0.2', '[fd02::2]'])(
      'curl from %s',
      async (host) => {
        const out = join(state, 'copy')
        await inside(LEFT, 'curl', '-sS', '--max-time', '30', '-o', out, `http://${host}:${PORT}/file`)
        await run('cmp', [out, join(state, 'file')])
      },
      60_000,
    )

    test.each([
      ['right', []],
      ['left', ['-R']],
    ] as const)(
      'iperf3 to the %s',
      async (side, direction) => {
        const { stdout } = await inside(
          LEFT,
          'iperf3',
          '-c',
          '10.2.0.2',
          '-p',
          String(IPERF_PORTS[side]),
          '-t',
          '2',
          '-J',
          ...direction,
        )
        const { end } = JSON.parse(stdout) as { end: { sum_received: { bytes: number } } }
        expect(end.sum_received.bytes).toBeGreaterThan(1_000_000)
      },
      60_000,
    )
  },
)
