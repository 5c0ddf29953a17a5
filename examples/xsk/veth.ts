/**
 * AF_XDP in copy mode between the ends of a veth pair: one end sends, the other answers with addresses exchanged. The same program on
 * both kernels: `npx tsx examples/xsk/veth.ts`, and as root on Linux `npx tsx examples/xsk/veth.ts linux`.
 */
import { assemble, encode } from '@netkit/bpf'
import { embedded } from '@netkit/kernel'
import { linux } from '@netkit/linux'
import { connect, FrameBatch, type XskSocket } from 'netkit'

const FRAMES = 10_000
await using kernel = await connect(process.argv[2] === 'linux' ? linux() : embedded())
const place = { in: 'xsk-example' }
await kernel.namespaces.create(place.in)
await kernel.devices.addRaw({ ifname: 'v0', linkinfo: { kind: 'veth', data: { peer: { ifname: 'v1' } } } }, place)
for (const device of ['v0', 'v1']) await kernel.devices.set(device, { up: true }, place)

/** A socket that gets what arrives at a device. */
async function open(device: string): Promise<XskSocket> {
  const socket = await kernel.xsk.open({ device, mode: 'copy', ...place })
  const map = await kernel.bpf.createMap({ type: 'xskmap', keySize: 4, valueSize: 4, maxEntries: 1 })
  await map.update(0, socket.fd)
  const code = encode(assemble(`r1 = map[fd:${map.fd}]; r2 = 0; r3 = 2; call redirect_map; exit`))
  const program = await kernel.bpf.loadProgram(code, { type: 'xdp', name: 'to_socket' })
  await kernel.bpf.attachXdp(program, { device, mode: 'native', ...place })
  return socket
}
using near = await open('v0')
using far = await open('v1')
const batch = new FrameBatch(64)

/** Sends a batch of frames of an EtherType for experiments. */
function send({ rings }: XskSocket): number {
  rings.allocate(batch)
  for (let n = 0; n < batch.count; n++) {
    rings.umem.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5], batch.offsets[n])
    batch.lengths[n] = 64
  }
  return rings.send(batch)
}

/** Sends back what waits, from where it lies. */
function answer({ rings }: XskSocket): void {
  const { umem } = rings
  while (rings.receive(batch) > 0) {
    for (let n = 0; n < batch.count; n++) {
      const at = batch.offsets[n]
      umem.copyWithin(at, at + 6, at + 12)
      umem.set([2, 0, 0, 0, 0, 1], at + 6)
    }
    rings.send(batch)
  }
}

/** How many of the answers have come. */
function take({ rings }: XskSocket): number {
  let count = 0
  while (rings.receive(batch) > 0) {
    for (let n = 0; n < batch.count; n++) if (rings.umem[batch.offsets[n] + 12] === 0x88) count++
    rings.release(batch)
  }
  return count
}

let sent = 0
let back = 0
while (sent < FRAMES) {
  sent += send(near)
  answer(far)
  back += take(near)
}
process.stdout.write(`${kernel.release}: ${back} of ${sent} frames came back\n`)
await kernel.namespaces.remove(place.in)
