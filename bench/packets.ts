/**
 * Packets through a netkit pair into another namespace, without programs: from bytes outside, with one copy into packet
 * memory, to the peer's IP layer, which has no address and drops them. Beside it the machine's own kernel with veth.
 */
import { COPY, PacketBatch, setFrameHeaders } from '@netkit/kernel'
import { Client } from './harness/client.ts'
import * as message from './harness/messages.ts'
import { Peer } from './harness/peer.ts'
import { bytesInUse, elapsed, inTurns, type Round, report, sized, skip, undisturbed } from './harness/suite.ts'

const ROUNDS = sized(15, 2)
const WARM_UP = sized(8, 1)
const COUNT = sized(200_000, 20_000)
const MANY = sized(10_000_000, 100_000)
const PEER_COUNT = sized(51_200, 5120)
/** So many that the memory which the kernel sets up for live frames does not count. */
const PEER_FRAMES = sized(1_000_000, 20_000)
const MB = 1_000_000

const started = await Peer.start('packets.py')
const linux = typeof started === 'string' ? undefined : started
if (typeof started === 'string') skip("the machine's own kernel", started)

const client = new Client()
const { kernel } = client
const pod = kernel.createNamespace()
client.ask(message.createPair('a', 'b', { peerNsFd: client.process.openNamespace(pod) }))
client.ask(message.setUp('a'))
new Client(kernel, client.socket.protocol, pod).ask(message.setUp('b'))
const device = client.socket.ns.names.get('a')!
const peer = pod.names.get('b')!

/** An IPv4 frame for the peer, in an array of its own, as programs hand frames over. */
function frameOf(size: number): Uint8Array {
  const frame = new Uint8Array(size).fill(7)
  frame.set(peer.address)
  frame.set([8, 0], 12)
  return frame
}
const FRAMES = new Map([64, 1400].map((size) => [size, frameOf(size)]))
const batch = new PacketBatch(64)
const { path } = kernel
const { packets } = path

function send(count: number, size: number, together: number): void {
  const frame = FRAMES.get(size)!
  for (let i = 0; i < count; i++) {
    const handle = packets.allocFromArray(frame, COPY.userIn)
    setFrameHeaders(packets, handle)
    batch.push(handle)
    if (batch.count === together) path.transmit(device, batch)
  }
  if (batch.count > 0) path.transmit(device, batch)
}

/** Nanoseconds a packet. */
function timed(count: number, size: number, together: number): number {
  const before = peer.counters.rxPackets
  const took = elapsed(() => send(count, size, together))
  if (peer.counters.rxPackets - before !== count) throw new Error('packets were lost')
  return took / count
}

const peerRound = (...words: (string | number)[]): Round | undefined =>
  linux &&
  (async () => {
    const { ns, count } = await linux.ask(...words)
    return [ns / count]
  })

const small = undisturbed(() => [timed(COUNT, 64, 64), timed(COUNT, 64, 1)])
const large = undisturbed(() => [timed(COUNT, 1400, 64), timed(COUNT, 1400, 1)])
const smallTurns = await inTurns(ROUNDS, WARM_UP, small, peerRound('sends', 64, PEER_COUNT))
const largeTurns = await inTurns(ROUNDS, WARM_UP, large, peerRound('sends', 1400, PEER_COUNT))
const frames = await inTurns(
  ROUNDS,
  WARM_UP,
  undisturbed(() => [timed(COUNT, 64, 64)]),
  peerRound('frames', 64, PEER_FRAMES),
)

const veth = 'veth in the kernel, from tc to IP, nothing copied'
report({
  what: '64 bytes, batches of 64',
  unit: 'ns',
  rounds: smallTurns.ours[0],
  target: { max: 80 },
  peer: linux && { what: veth, rounds: smallTurns.peer[0] },
})
report({
  what: '64 bytes, one by one',
  unit: 'ns',
  rounds: smallTurns.ours[1],
  against: { what: '64 bytes, batches of 64', max: 1.3 },
})
report({
  what: '1400 bytes, batches of 64',
  unit: 'ns',
  rounds: largeTurns.ours[0],
  target: { max: 150 },
  peer: linux && { what: veth, rounds: largeTurns.peer[0] },
})
report({ what: '1400 bytes, one by one', unit: 'ns', rounds: largeTurns.ours[1] })
report({
  what: '64 bytes, batches of 64, beside XDP',
  unit: 'ns',
  rounds: frames.ours[0],
  peer: linux && { what: 'live XDP frames to XDP_DROP behind veth', rounds: frames.peer[0] },
})

const before = bytesInUse()
send(MANY, 64, 64)
const grown = Math.max(0, bytesInUse() - before)
report({
  what: `growth of the heap over ${MANY.toLocaleString('en')} packets`,
  unit: 'MB',
  rounds: [grown / MB],
  target: { max: 1 },
})
if (packets.table.inUse !== 0) throw new Error(`${packets.table.inUse} packets are left over`)
await linux?.stop()
