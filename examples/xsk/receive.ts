/**
 * Receives without copies by AF_XDP, behind a leased queue, and sends every frame back with its addresses exchanged. Runs anywhere:
 * `npx tsx examples/xsk/receive.ts`. On a NIC, `connect(linux())`, its name, and the last part (frames from a cable) left out.
 */
import { assemble, encode } from '@netkit/bpf'
import { embedded } from '@netkit/kernel'
import { connect, FrameBatch } from 'netkit'

await using kernel = await connect(embedded())
let echoed = 0
const { id } = await kernel.nics.add({
  name: 'eth0',
  wire: { kind: 'function', transmit: (sent) => void (sent[12] === 0x88 && echoed++) },
})
await kernel.devices.set('eth0', { up: true })

// The pod's device, without a peer, leases queue 0 of the NIC; it becomes queue 1 of it.
await kernel.leases.addDevice({ name: 'nk0', up: true, lessor: { device: 'eth0', queues: [0] } })
using socket = await kernel.xsk.open({ device: 'nk0', queue: 1, mode: 'zero-copy' })

// Whoever owns the NIC redirects what arrives at it to the socket.
const sockets = await kernel.bpf.createMap({ type: 'xskmap', keySize: 4, valueSize: 4, maxEntries: 1 })
await sockets.update(0, socket.fd)
const code = encode(assemble(`r1 = map[fd:${sockets.fd}]; r2 = 0; r3 = 2; call redirect_map; exit`))
const program = await kernel.bpf.loadProgram(code, { type: 'xdp', name: 'to_socket' })
await kernel.bpf.attachXdp(program, { device: 'eth0', mode: 'native' })

const { rings } = socket
const batch = new FrameBatch(64)
let received = 0

/** Answers all that waits; how many frames. */
function answer(): number {
  const { umem } = rings
  for (let total = 0; ; total += received) {
    received = rings.receive(batch)
    if (received === 0) return total
    for (let n = 0; n < received; n++) {
      const at = batch.offsets[n]
      for (let i = at; i < at + 6; i++) {
        const byte = umem[i]
        umem[i] = umem[i + 6]
        umem[i + 6] = byte
      }
    }
    rings.send(batch)
  }
}

const frame = new Uint8Array(64).fill(7)
frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5])
const waiting = socket.readable(1000)
await kernel.doors.hardware?.inject(
  id,
  Array.from({ length: 200 }, () => frame),
)
await waiting
const frames = answer()
process.stdout.write(`${frames} frames received, without copies: ${socket.zeroCopy}; ${echoed} sent back\n`)
socket.close()
await kernel.nics.remove(id)
