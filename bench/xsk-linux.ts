/**
 * AF_XDP on the machine's own kernel: the class of the SDK, beside the same loops in C. Both have a veth pair of their own and use
 * copy mode; another process sends what they receive. Packets of 64 bytes, rates as the clock says.
 */
import { cpus } from 'node:os'
import { assemble, encode } from '@netkit/bpf'
import { linux } from '@netkit/linux'
import { connect, FrameBatch } from 'netkit'
import { compileC } from './harness/compile.ts'
import { Peer } from './harness/peer.ts'
import { inTurns, report, sized, skip } from './harness/suite.ts'

const ROUNDS = sized(15, 2)
const WARM_UP = sized(5, 1)
const BATCH = 64
const SIZE = 64
/** Frames that are sent in batches, and one by one. */
const SENT = sized(64_000, 6400)
const SINGLES = sized(16_000, 1600)
/** Milliseconds for which received frames are counted, and for which they are sent: until both sides have begun, too. */
const COUNTED = sized(60, 20)
const GENERATED = COUNTED + 20
const AT_LEAST = { receive: 0.9, forward: 0.9, send: 0.85, single: 0.7 }

function stop(why: string): never {
  skip('AF_XDP through veth', why)
  process.exit(0)
}
if (process.platform !== 'linux' || process.getuid?.() !== 0) stop('needs root on Linux')
const compiled = compileC('bench/peers/xsk.c')
if ('missing' in compiled) stop(compiled.missing)
const { program } = compiled

const machine = await connect(linux())
const namespace = `netkit-bench-xsk-${process.pid}`
await machine.namespaces.create(namespace)
const place = { in: namespace }
for (const which of ['all', 'default']) await machine.sysctl.set(`net.ipv6.conf.${which}.disable_ipv6`, 1, place)
for (const [name, ifname] of [
  ['c0', 'c1'],
  ['t0', 't1'],
]) {
  await machine.devices.addRaw({ ifname: name, linkinfo: { kind: 'veth', data: { peer: { ifname } } } }, place)
  for (const dev of [name, ifname]) await machine.devices.set(dev, { up: true }, place)
}

/** A process of its own at one device, or two: one that redirects to it, the other that drops what it is sent. */
async function started(device: string, role: 'redirect' | 'drop'): Promise<Peer> {
  const peer = await Peer.run('nsenter', [`--net=/run/netns/${namespace}`, program])
  if (typeof peer === 'string') throw new Error(peer)
  await peer.ask('open', device)
  await peer.ask(role, device)
  return peer
}
const inC = await started('c1', 'redirect')
const toC = await started('c0', 'drop')
const toUs = await started('t0', 'drop')
/** Who receives has one processor, who sends another: what wakes a process draws it to its own. */
if (cpus().length > 1) {
  for (const [peer, pid, cpu] of [
    [inC, process.pid, 0],
    [inC, 0, 0],
    [toC, 0, 1],
    [toUs, 0, 1],
  ] as const)
    await peer.ask('pin', pid, cpu)
}

using socket = await machine.xsk.open({ device: 't1', mode: 'copy', ...place })
const map = await machine.bpf.createMap({ type: 'xskmap', keySize: 4, valueSize: 4, maxEntries: 1 })
await map.update(0, socket.fd)
const code = encode(assemble(`r1 = map[fd:${map.fd}]; r2 = 0; r3 = 2; call redirect_map; exit`))
await machine.bpf.attachXdp(await machine.bpf.loadProgram(code, { type: 'xdp' }), {
  device: 't1',
  mode: 'native',
  ...place,
})

const { rings } = socket
const { umem } = rings
const batch = new FrameBatch(BATCH)
for (let at = 0; at < umem.length; at += 2048) {
  umem.fill(0xff, at, at + 6)
  umem[at + 12] = 0x88
  umem[at + 13] = 0xb5
}
let lookedAt = 0

function sending(count: number, most: number): number {
  const start = performance.now()
  for (let left = count; left > 0; left -= most) {
    rings.allocate(batch, most)
    for (let n = 0; n < batch.count; n++) batch.lengths[n] = SIZE
    rings.send(batch)
  }
  return (count * 1000) / (performance.now() - start)
}

/** Takes what was left over. */
function drain(): void {
  while (rings.receive(batch) > 0) rings.release(batch)
}

/** Frames a second from the first one on; each is looked at, and perhaps sent back. */
function incoming(forward: boolean): number {
  for (const giveUp = performance.now() + 1000; rings.receive(batch) === 0; ) if (performance.now() > giveUp) return 0
  const start = performance.now()
  for (let all = 0; ; rings.receive(batch)) {
    const { count, offsets } = batch
    if (count > 0) {
      for (let n = 0; n < count; n++) lookedAt += umem[offsets[n] + 12]
      if (forward) rings.send(batch)
      else rings.release(batch)
      all += count
    }
    const took = performance.now() - start
    if (took >= COUNTED) return (all * 1000) / took
  }
}

/** What `run` counts while somebody sends. */
async function whileSent(generator: Peer, run: () => number | Promise<number>): Promise<number> {
  // Before it begins: who waits for a processor meanwhile finds what was sent.
  drain()
  await inC.ask('drain')
  const sent = generator.ask('generate', GENERATED, SIZE)
  const counted = await run()
  await sent
  if (counted === 0) throw new Error('nothing was received')
  return counted
}

const rate = async (...words: (string | number)[]): Promise<number> => (await inC.ask(...words)).rate
const { ours, peer } = await inTurns(
  ROUNDS,
  WARM_UP,
  async () => [
    await whileSent(toUs, () => incoming(false)),
    await whileSent(toUs, () => incoming(true)),
    sending(SENT, BATCH),
    sending(SINGLES, 1),
  ],
  async () => [
    await whileSent(toC, () => rate('receive', COUNTED)),
    await whileSent(toC, () => rate('forward', COUNTED)),
    await rate('send', SENT, SIZE, BATCH),
    await rate('send', SINGLES, SIZE, 1),
  ],
)
const named: readonly [string, number][] = [
  ['received in batches of 64', AT_LEAST.receive],
  ['sent back in batches of 64', AT_LEAST.forward],
  ['sent in batches of 64', AT_LEAST.send],
  ['sent one by one', AT_LEAST.single],
]
for (const [n, [what, least]] of named.entries()) {
  const ns = (rates: readonly number[]) => rates.map((each) => 1e9 / each)
  const theirs = { what: 'the same loop in C', rounds: ns(peer[n]) }
  report({ what, unit: 'ns', rounds: ns(ours[n]), peer: theirs, ratio: { min: least } })
}
for (const each of [inC, toC, toUs]) await each.stop()
await machine.namespaces.remove(namespace)
if (lookedAt === 0) throw new Error('no frame was looked at')
process.exit(0)
