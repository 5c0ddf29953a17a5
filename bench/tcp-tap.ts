/**
 * One stream of TCP each way between an embedded kernel and iperf3 on this machine, over a TAP interface; beside it the same between two
 * namespaces of the machine, whose TAP interfaces a program in C joins.
 */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { iperf3 } from '@netkit/conformance/iperf3'
import { embedded } from '@netkit/kernel'
import { openTap } from '@netkit/linux'
import { connect } from 'netkit'
import { compileC } from './harness/compile.ts'
import { Peer } from './harness/peer.ts'
import { inTurns, report, sized, skip } from './harness/suite.ts'

const ROUNDS = sized(5, 1)
const WARM_UP = sized(2, 1)
const BYTES = sized(192 << 20, 8 << 20)
const WAYS = ['to', 'from'] as const
const [LEFT, RIGHT] = ['left', 'right'].map((side) => `netkit-bench-${side}-${process.pid}`)
/** Of the cable's ends, and of the embedded kernel and its end of the TAP interface. */
const ADDRESS = { left: '10.2.0.1', right: '10.2.0.2', kernel: '10.3.0.1', tap: '10.3.0.2' }
const run = promisify(execFile)
const ip = (line: string) => run('ip', line.split(' '))

async function stop(why: string): Promise<never> {
  skip('TCP over TAP with the machine', why)
  process.exit(0)
}

const cable = compileC('bench/peers/tap-cable.c')
if (process.platform !== 'linux' || process.getuid?.() !== 0) await stop('needs root on Linux')
if ('missing' in cable) await stop(cable.missing)
await run('iperf3', ['--version']).catch(() => stop('iperf3 is not installed'))

process.on('exit', () => {
  for (const ns of [LEFT, RIGHT]) execFileSync('ip', ['netns', 'del', ns])
})
for (const ns of [LEFT, RIGHT]) await ip(`netns add ${ns}`)
const ends = [LEFT, RIGHT].flatMap((ns) => [`/run/netns/${ns}`, 'tap0'])
const joined = await Peer.run('program' in cable ? cable.program : '', ends)
if (typeof joined === 'string') throw new Error(joined)
const kernel = await connect(embedded({ openTap }))
await kernel.nics.add({ name: 'eth0', wire: { kind: 'tap', name: 'tap1', namespace: RIGHT } })
await kernel.devices.set('eth0', { up: true })
await kernel.addresses.add('eth0', { address: `${ADDRESS.kernel}/24` })
for (const [ns, tap, address] of [
  [LEFT, 'tap0', ADDRESS.left],
  [RIGHT, 'tap0', ADDRESS.right],
  [RIGHT, 'tap1', ADDRESS.tap],
]) {
  await ip(`-n ${ns} link set ${tap} up`)
  await ip(`-n ${ns} addr add ${address}/24 dev ${tap}`)
}
/** A server that has just measured may still be busy with it: there are several, in turns. */
const PORTS = [5201, 5202, 5203, 5204]
let turn = 0
const nextPort = (): number => PORTS[turn++ % PORTS.length]
const servers = PORTS.map((port) =>
  spawn('ip', ['netns', 'exec', RIGHT, 'iperf3', '-s', '-p', String(port)], { stdio: 'ignore' }),
)
await new Promise((resolve) => setTimeout(resolve, 1000))

/** Gigabits a second from the embedded kernel to the machine, and back. */
async function ours(): Promise<number[]> {
  const figures: number[] = []
  for (const way of WAYS) {
    const server = { address: ADDRESS.tap, port: nextPort() }
    const { received, ms } = await iperf3(kernel, server, { reverse: way === 'from', bytes: BYTES })
    figures.push((received * 8) / ms / 1e6)
  }
  return figures
}

async function theirs(): Promise<number[]> {
  const figures: number[] = []
  for (const way of WAYS) {
    const test = [
      '-c',
      ADDRESS.right,
      '-p',
      String(nextPort()),
      '-n',
      String(BYTES),
      '-J',
      ...(way === 'from' ? ['-R'] : []),
    ]
    const { stdout } = await run('ip', ['netns', 'exec', LEFT, 'iperf3', ...test], { maxBuffer: 1 << 24 })
    figures.push(JSON.parse(stdout).end.sum_received.bits_per_second / 1e9)
  }
  return figures
}

const turns = await inTurns(ROUNDS, WARM_UP, ours, theirs)
for (const [n, way] of WAYS.entries())
  report({
    what: `TCP over TAP, ${way} the machine's iperf3`,
    unit: 'Gbit/s',
    rounds: turns.ours[n],
    peer: { what: 'between two namespaces, a cable in C', rounds: turns.peer[n] },
    ratio: { max: 1 / 0.6 },
  })
for (const server of servers) {
  server.kill('SIGKILL')
  await once(server, 'exit')
}
await joined.stop()
await kernel.close()
process.exit(0)
