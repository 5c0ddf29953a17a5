/**
 * Frames of 64 bytes through XDP programs: of a NIC at the end of a cable, and of veth. Beside it the machine's own kernel: live frames
 * that a program redirects to a veth pair, where another drops them; the same call on both sides.
 */
import { assemble, encode } from '@netkit/bpf'
import { COPY, embedded, PacketBatch, setFrameHeaders } from '@netkit/kernel'
import { connect, type Program, type XdpMode } from 'netkit'
import { Client } from './harness/client.ts'
import { Peer } from './harness/peer.ts'
import { bytesInUse, elapsed, inTurns, type Round, report, sized, skip, undisturbed } from './harness/suite.ts'

const ROUNDS = sized(15, 2)
const WARM_UP = sized(8, 1)
const COUNT = sized(200_000, 10_240)
const MANY = sized(5_000_000, 102_400)
const PEER_COUNT = sized(51_200, 5120)
const SIZE = 64
const MB = 1_000_000

const started = await Peer.start('packets.py')
const linux = typeof started === 'string' ? undefined : started
if (typeof started === 'string') skip("the machine's own kernel", started)

const client = new Client()
const { path } = client.kernel
const { packets } = path
const kernel = await connect(embedded({ kernel: client.kernel }))
const load = (source: string): Promise<Program> =>
  kernel.bpf.loadProgram(encode(assemble(source)), { type: 'xdp', name: 'bench' })
const attach = async (device: string, source: string, mode?: XdpMode): Promise<void> =>
  kernel.bpf.attachXdp(await load(source), { device, mode })
const device = (name: string) => client.socket.ns.names.get(name)!

/** Two NICs and a cable between them; the second runs a program. */
async function nics(name: string, source: string) {
  const [from, to] = [`${name}0`, `${name}1`]
  const near = await kernel.nics.add({ name: from })
  const far = await kernel.nics.add({ name: to })
  await kernel.nics.connect(near.id, { kind: 'nic', id: far.id })
  for (const one of [from, to]) await kernel.devices.set(one, { up: true })
  await attach(to, source, 'native')
  return { from: device(from), to: device(to) }
}

/** A cable of the kernel; the second end runs a program. */
async function veth(name: string, source: string, mode: XdpMode) {
  const [from, to] = [`${name}0`, `${name}1`]
  await kernel.devices.addRaw({ ifname: from, linkinfo: { kind: 'veth', data: { peer: { ifname: to } } } })
  for (const one of [from, to]) await kernel.devices.set(one, { up: true })
  await attach(to, source, mode)
  return { from: device(from), to: device(to) }
}

const PASS = 'r0 = 2; exit'
const DROP = 'r0 = 1; exit'
const TX = 'r0 = 3; exit'
const dropping = await nics('drop', DROP)
const passing = await nics('pass', PASS)
const cableDrop = await veth('d', DROP, 'native')
const cablePass = await veth('p', PASS, 'native')
const generic = await veth('g', DROP, 'generic')
const back = await veth('t', TX, 'native')
await attach(back.from.name, DROP, 'native')
const map = await kernel.bpf.createMap({ type: 'devmap', keySize: 4, valueSize: 4, maxEntries: 4 })
const last = await veth('e', DROP, 'native')
await map.update(0, last.from.ifindex)
const redirecting = await nics('fwd', `r1 = map[fd:${map.fd}]; r2 = 0; r3 = 0; call redirect_map; exit`)
const live = await load(`r1 = ${last.from.ifindex}; r2 = 0; call redirect; exit`)

const frame = new Uint8Array(SIZE).fill(7)
frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45])
const batch = new PacketBatch(64)

type Way = typeof dropping
function send({ from }: Way, count: number): void {
  for (let i = 0; i < count; i++) {
    const handle = packets.allocFromArray(frame, COPY.userIn)
    setFrameHeaders(packets, handle)
    batch.push(handle)
    if (batch.room === 0) path.transmit(from, batch)
  }
  if (batch.count > 0) path.transmit(from, batch)
}

/** Nanoseconds a frame. */
function timed(way: Way, seen = way.to): number {
  const before = seen.counters.rxPackets
  const took = elapsed(() => send(way, COUNT))
  if (seen.counters.rxPackets - before !== COUNT) throw new Error(`frames were lost: ${way.to.name}`)
  return took / COUNT
}

const undisturbedOurs = undisturbed(() => [
  timed(dropping),
  timed(passing),
  timed(cableDrop),
  timed(cablePass),
  timed(generic),
  timed(back, back.from),
  timed(redirecting, last.to),
])
const ours: Round = async () => {
  const figures = await undisturbedOurs()
  const before = last.to.counters.rxPackets
  const begun = performance.now()
  await live.testRun({ data: frame, repeat: PEER_COUNT, live: true })
  const took = (performance.now() - begun) * 1e6
  return [...figures, took / (last.to.counters.rxPackets - before)]
}
const theirs: Round | undefined =
  linux &&
  (async () => {
    const { ns, count } = await linux.ask('frames', SIZE, PEER_COUNT)
    return [ns / count]
  })
const turns = await inTurns(ROUNDS, WARM_UP, ours, theirs)
const [nicDrop, nicPass, vethDrop, vethPass, skbDrop, vethTx, toVeth, liveFrames] = turns.ours
report({ what: 'XDP drop on a NIC, through a cable', unit: 'ns', rounds: nicDrop })
report({ what: 'XDP pass on a NIC, to the IP layer', unit: 'ns', rounds: nicPass })
report({ what: 'XDP drop on veth', unit: 'ns', rounds: vethDrop })
report({ what: 'XDP pass on veth, to the IP layer', unit: 'ns', rounds: vethPass })
report({ what: 'XDP drop on veth in skb mode', unit: 'ns', rounds: skbDrop })
report({ what: 'XDP tx on veth, dropped where it came from', unit: 'ns', rounds: vethTx })
report({ what: 'XDP redirect by devmap, from a NIC to veth, dropped there', unit: 'ns', rounds: toVeth })
report({
  what: 'live frames, redirected to veth, dropped there by XDP',
  unit: 'ns',
  rounds: liveFrames,
  peer: linux && { what: 'the same in the kernel of the machine', rounds: turns.peer[0] },
  ratio: { min: 1 },
})

const before = bytesInUse()
send(dropping, MANY)
send(redirecting, MANY)
const grown = Math.max(0, bytesInUse() - before)
report({
  what: `growth of the heap over ${(2 * MANY).toLocaleString('en')} frames`,
  unit: 'MB',
  rounds: [grown / MB],
  target: { max: 1 },
})
if (packets.table.inUse !== 0) throw new Error(`${packets.table.inUse} packets are left over`)
await linux?.stop()
