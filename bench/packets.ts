/** Packets through a pair without programs: one copy into packet memory, then handles; beside it the machine's veth. */
import { byteViews, COPY, type Kernel, PacketBatch, setFrameHeaders } from '@netkit/kernel'
import { Client } from './harness/client.ts'
import * as message from './harness/messages.ts'
import { Sender } from './harness/sender.ts'
import { bytesInUse, elapsed, inTurns, report, sized, skip, undisturbed } from './harness/suite.ts'

const ROUNDS = sized(11, 2)
const WARM_UP = sized(4, 1)
const PACKETS = sized(500_000, 5000)
const PEER_PACKETS = sized(200_000, 2000)
const MANY = sized(10_000_000, 20_000)
const ETHERTYPE_AT = 12
const HEADROOM = 64

const client = new Client()
client.ask(message.createPair('a', 'b'))
client.ask(message.setUp('a'))
client.ask(message.setUp('b'))
const dev = [...client.socket.ns.devices.values()].find((d) => d.name === 'a')
if (!dev) throw new Error('no pair')

/** Sends `count` frames of `size` bytes, `batch` at a time. */
function send(path: Kernel['path'], size: number, batch: PacketBatch, count: number): void {
  const frame = new Uint8Array(size)
  frame[ETHERTYPE_AT] = 8 // IPv4
  const views = byteViews(frame)
  const { packets } = path
  const { capacity } = batch
  for (let sent = 0; sent < count; sent += capacity) {
    for (let i = 0; i < capacity; i++) {
      const handle = packets.allocFrom(views, 0, size, COPY.userIn, HEADROOM)
      setFrameHeaders(packets, handle)
      batch.push(handle)
    }
    path.transmit(dev!, batch)
  }
}

const { path } = client.kernel
const batch64 = new PacketBatch(64)
const batch1 = new PacketBatch(1)
const nanoseconds = (size: number, batch: PacketBatch): number =>
  elapsed(() => send(path, size, batch, PACKETS)) / PACKETS

const started = await Sender.prepare()
const linux = typeof started === 'string' ? undefined : started
if (typeof started === 'string') skip("the machine's own veth", started)

const theirs = linux && (() => [linux.nanoseconds(64, PEER_PACKETS), linux.nanoseconds(1400, PEER_PACKETS)])
const ours = undisturbed(() => [nanoseconds(64, batch64), nanoseconds(1400, batch64), nanoseconds(64, batch1)])
const turns = await inTurns(ROUNDS, WARM_UP, ours, theirs)
const SMALL = 'a packet of 64 bytes, 64 at a time'
const what = 'veth, AF_PACKET, sendmmsg of 64'
report({
  what: SMALL,
  unit: 'ns',
  rounds: turns.ours[0],
  target: { max: 80 },
  peer: linux && { what, rounds: turns.peer[0] },
})
report({
  what: 'a packet of 64 bytes, one at a time',
  unit: 'ns',
  rounds: turns.ours[2],
  against: { what: SMALL, max: 1.3 },
})
report({
  what: 'a packet of 1400 bytes, 64 at a time',
  unit: 'ns',
  rounds: turns.ours[1],
  target: { max: 150 },
  peer: linux && { what, rounds: turns.peer[1] },
})

const before = bytesInUse()
send(path, 64, batch64, MANY)
report({
  what: `growth of the heap over ${MANY.toLocaleString('en')} packets`,
  unit: 'MB',
  rounds: [(bytesInUse() - before) / 1_000_000],
  target: { max: 1 },
})
linux?.stop()
