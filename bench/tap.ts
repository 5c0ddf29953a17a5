/**
 * Frames between TAP interfaces of the machine, beside the same loop in C: read one, write it to the other. Once through the
 * interfaces alone, and once through an embedded kernel whose NICs lead there and whose program sends on what arrives. Processor time.
 */
import { Kernel, openDoors, simulatedWorld } from '@netkit/kernel'
import { linux, openTap } from '@netkit/linux'
import type { NicInfo, TapDevice } from '@netkit/netlink'
import { connect } from 'netkit'
import { attach } from './harness/attach.ts'
import { Client } from './harness/client.ts'
import { compileC } from './harness/compile.ts'
import * as message from './harness/messages.ts'
import { Peer } from './harness/peer.ts'
import { inTurns, report, sized, skip } from './harness/suite.ts'

const ROUNDS = sized(15, 2)
const WARM_UP = sized(5, 1)
/** Frames that the queue of a TAP interface holds. */
const FRAMES = 500
const FILLS = sized(20, 2)
const TARGET = 1.35

const compiled = compileC('bench/peers/tap.c')
if (process.platform !== 'linux' || process.getuid?.() !== 0) stop('needs root on Linux')
if ('missing' in compiled) stop(compiled.missing)

function stop(why: string): never {
  skip('frames between TAP interfaces', why)
  process.exit(0)
}

await using machine = await connect(linux())
const namespace = `netkit-bench-tap-${process.pid}`
await machine.namespaces.create(namespace)
const started = await Peer.run('nsenter', [`--net=/run/netns/${namespace}`, compiled.program])
if (typeof started === 'string') stop(started)
const peer = started

/** Calls that say that frames are there, by interface: made when the time is measured, and not by the event loop. */
const arrived: (() => void)[] = []
const opened = async (name: string): Promise<TapDevice> => {
  const tap = await openTap({ name, namespace })
  await peer.ask('up', name)
  return tap
}
const quiet = (tap: TapDevice): TapDevice => ({
  received: tap.received,
  get offset() {
    return tap.offset
  },
  receive: () => tap.receive(),
  send: (memory, offset, length) => tap.send(memory, offset, length),
  open: (ready) => void arrived.push(ready),
  close: () => tap.close(),
})

const from = await opened('a0')
const to = await opened('a1')
const kernel = new Kernel({ world: simulatedWorld(1), openTap: async ({ name }) => quiet(await opened(name)) })
const client = new Client(kernel)
const { hardware } = openDoors(kernel, client.process)
if (!hardware) throw new Error('no hardware')
const nics: NicInfo[] = []
for (const name of ['k0', 'k1']) nics.push(await hardware.addNic({ name, wire: { kind: 'tap', name } }))
for (const { name } of nics) client.ask(message.setUp(name))
await attach(
  kernel,
  client.process,
  nics[0].ifindex,
  'tcxIngress',
  `r1 = ${nics[1].ifindex}; r2 = 0; call redirect; exit`,
)

/** Reading many and then writing many is quicker than in turns: the NIC of a kernel does it so, too. */
const BATCH = 64
const offsets = new Int32Array(BATCH)
const lengths = new Int32Array(BATCH)

function alone(): void {
  const { buffer } = from.received
  for (let count = BATCH; count === BATCH; ) {
    for (count = 0; count < BATCH; count++) {
      const length = from.receive()
      if (length === 0) break
      offsets[count] = from.offset
      lengths[count] = length
    }
    for (let i = 0; i < count; i++) to.send(buffer, offsets[i], lengths[i])
  }
}

/** Frames of the interfaces' own, such as those of IPv6, are gone. */
function drain(): void {
  alone()
  for (const ready of arrived) ready()
}

/** Nanoseconds a frame. */
async function timed(name: string, size: number, forward: () => void): Promise<number> {
  let micros = 0
  for (let fill = 0; fill < FILLS; fill++) {
    await peer.ask('fill', name, FRAMES, size)
    const before = process.cpuUsage()
    forward()
    const { user, system } = process.cpuUsage(before)
    micros += user + system
  }
  return (micros * 1000) / (FILLS * FRAMES)
}

async function theirs(size: number): Promise<number> {
  let ns = 0
  for (let fill = 0; fill < FILLS; fill++) ns += (await peer.ask('forward', FRAMES, size)).ns
  return ns / (FILLS * FRAMES)
}

drain()
for (const size of [64, 1400]) {
  const sent = () => client.socket.ns.names.get('k1')!.counters.txPackets
  const { ours, peer: inC } = await inTurns(
    ROUNDS,
    WARM_UP,
    async () => {
      const own = await timed('a0', size, alone)
      const before = sent()
      const through = await timed('k0', size, arrived[0])
      if (sent() - before < FILLS * FRAMES) throw new Error('frames were lost')
      return [own, through]
    },
    async () => [await theirs(size)],
  )
  const c = { what: 'the same loop in C', rounds: inC[0] }
  const figures = [`TAP to TAP, ${size} bytes`, `TAP to TAP through an embedded kernel and its program, ${size} bytes`]
  for (const [n, what] of figures.entries())
    report({ what, unit: 'ns', rounds: ours[n], peer: c, ratio: n === 0 ? { min: 1 / TARGET } : undefined })
}
await peer.stop()
await machine.namespaces.remove(namespace)
process.exit(0)
