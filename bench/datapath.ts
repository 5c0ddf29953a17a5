/**
 * Packets of 64 bytes through netkit pairs with programs, from bytes outside to the receiving IP layer, which has no address and
 * drops them. Beside it the machine's own kernel: veth pairs with tcx programs.
 */
import { COPY, PacketBatch, setFrameHeaders } from '@netkit/kernel'
import { attach } from './harness/attach.ts'
import { Client } from './harness/client.ts'
import * as message from './harness/messages.ts'
import { Peer } from './harness/peer.ts'
import { bytesInUse, elapsed, inTurns, type Round, report, sized, skip, undisturbed } from './harness/suite.ts'

const ROUNDS = sized(15, 2)
const WARM_UP = sized(8, 1)
const COUNT = sized(200_000, 20_000)
const MANY = sized(5_000_000, 100_000)
const PEER_COUNT = sized(51_200, 5120)
const SIZE = 64
const MB = 1_000_000

const PASS = 'r0 = 0; exit'
/** Sorts UDP and TCP packets by their destination port, and marks them. */
const CLASSIFY = `
  r2 = *(u32 *)(r1 + 76); r3 = *(u32 *)(r1 + 80); r4 = r2; r4 += 42; r0 = 2
  if r4 > r3 goto out
  r5 = *(u16 *)(r2 + 12); if r5 != 8 goto out
  r5 = *(u8 *)(r2 + 14); if r5 != 0x45 goto out
  r0 = 0
  r5 = *(u8 *)(r2 + 23); if r5 == 17 goto ports; if r5 != 6 goto out
ports:
  r5 = *(u16 *)(r2 + 36); r5 = be16 r5; r4 = 1
  if r5 == 53 goto mark; r4 = 2; if r5 == 443 goto mark; r4 = 3; if r5 < 1024 goto mark; r4 = 4
mark:
  *(u32 *)(r1 + 8) = r4
out:
  exit`

const started = await Peer.start('packets.py')
const linux = typeof started === 'string' ? undefined : started
if (typeof started === 'string') skip("the machine's own kernel", started)

const client = new Client()
const { kernel, process: owner } = client
const { path } = kernel
const { packets } = path

/** A pair with its peer in a namespace of its own. */
function pod(name: string, peer: string) {
  const ns = kernel.createNamespace()
  client.ask(message.createPair(name, peer, { peerNsFd: owner.openNamespace(ns) }))
  client.ask(message.setUp(name))
  new Client(kernel, client.socket.protocol, ns).ask(message.setUp(peer))
  return { host: client.socket.ns.names.get(name)!, inside: ns.names.get(peer)! }
}
const plain = pod('a0', 'b0')
const passing = pod('a1', 'b1')
const classified = pod('a2', 'b2')
const first = pod('a3', 'b3')
const second = pod('a4', 'b4')

await attach(kernel, owner, passing.host.ifindex, 'netkitPrimary', PASS)
await attach(kernel, owner, classified.host.ifindex, 'netkitPrimary', CLASSIFY)
const hop = `r1 = ${second.host.ifindex}; r2 = 0; call redirect_peer; exit`
await attach(kernel, owner, first.host.ifindex, 'tcxIngress', hop)

type Device = typeof plain.host
const frame = new Uint8Array(SIZE).fill(7)
frame.set([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0x45])
frame[23] = 17
const batch = new PacketBatch(64)

function send(device: Device, count: number, together: number): void {
  for (let i = 0; i < count; i++) {
    const handle = packets.allocFromArray(frame, COPY.userIn)
    setFrameHeaders(packets, handle)
    batch.push(handle)
    if (batch.count === together) path.transmit(device, batch)
  }
  if (batch.count > 0) path.transmit(device, batch)
}

/** Nanoseconds a packet. */
function timed(from: Device, to: Device, together: number): number {
  const before = to.counters.rxPackets
  const took = elapsed(() => send(from, COUNT, together))
  if (to.counters.rxPackets - before !== COUNT) throw new Error('packets were lost')
  return took / COUNT
}

const ours = undisturbed(() => [
  timed(plain.host, plain.inside, 64),
  timed(passing.host, passing.inside, 64),
  timed(passing.host, passing.inside, 1),
  timed(classified.host, classified.inside, 64),
  timed(first.inside, second.inside, 64),
  timed(first.inside, second.inside, 1),
])
const theirs: Round | undefined =
  linux &&
  (async () => {
    await linux.ask('passing')
    const passed = await linux.ask('sends', SIZE, PEER_COUNT)
    await linux.ask('hopping')
    const hopped = await linux.ask('sends', SIZE, PEER_COUNT, 'd')
    return [passed.ns / passed.count, hopped.ns / hopped.count]
  })
const turns = await inTurns(ROUNDS, WARM_UP, ours, theirs)
const veth = (n: number) =>
  linux && {
    what: n === 0 ? 'veth with a tcx program that passes' : 'veth, redirect_peer by tcx',
    rounds: turns.peer[n],
  }

const [none, pass, single, classify, hops, singleHops] = turns.ours
report({ what: 'a pair without programs', unit: 'ns', rounds: none })
report({
  what: 'a pair with a program that passes',
  unit: 'ns',
  rounds: pass,
  target: { max: 100 },
  peer: veth(0),
  ratio: { min: 8 },
})
report({
  what: 'a pair with a program that passes, one by one',
  unit: 'ns',
  rounds: single,
  against: { what: 'a pair with a program that passes', max: 1.3 },
})
report({ what: 'a pair with a classifier that marks', unit: 'ns', rounds: classify, target: { max: 120 } })
report({
  what: 'two hops with redirect_peer',
  unit: 'ns',
  rounds: hops,
  target: { max: 200 },
  peer: veth(1),
})
report({
  what: 'two hops with redirect_peer, one by one',
  unit: 'ns',
  rounds: singleHops,
  against: { what: 'two hops with redirect_peer', max: 1.3 },
})

const before = bytesInUse()
send(first.inside, MANY, 64)
send(passing.host, MANY, 64)
const grown = Math.max(0, bytesInUse() - before)
report({
  what: `growth of the heap over ${(2 * MANY).toLocaleString('en')} packets`,
  unit: 'MB',
  rounds: [grown / MB],
  target: { max: 1 },
})
if (packets.table.inUse !== 0) throw new Error(`${packets.table.inUse} packets are left over`)
await linux?.stop()
