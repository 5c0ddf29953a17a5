/** TCP between two namespaces of an embedded kernel, joined by a netkit pair: bytes that are written, carried and read. */
import { embedded } from '@netkit/kernel'
import { connect } from 'netkit'
import { elapsedAsync, inTurns, report, sized } from './harness/suite.ts'

const ROUNDS = sized(9, 2)
const WARM_UP = sized(3, 1)
const BYTES = sized(256 << 20, 8 << 20)
const TURNS = sized(2000, 100)
const PORT = 7

const kernel = await connect(embedded())
await kernel.namespaces.create('pod')
await kernel.devices.addPair({ name: 'nk0', peer: { name: 'nk1', namespace: 'pod' } })
await kernel.devices.set('nk0', { up: true })
await kernel.devices.set('nk1', { up: true }, { in: 'pod' })
await kernel.addresses.add('nk0', { address: '10.0.0.1/24' })
await kernel.addresses.add('nk1', { address: '10.0.0.2/24', in: 'pod' })
await using server = await kernel.tcp.listen({ in: 'pod', port: PORT })

/** Gigabits a second of one connection; `size`: bytes of each write. */
async function throughput(size: number): Promise<number> {
  const accepting = server.accept()
  await using client = await kernel.tcp.connect({ address: '10.0.0.2', port: PORT })
  await using peer = await accepting
  const block = new Uint8Array(size).fill(7)
  const read = async (): Promise<void> => {
    let received = 0
    for await (const bytes of peer) received += bytes.length
    if (received !== BYTES) throw new Error(`${received} bytes of ${BYTES} have arrived`)
  }
  const ns = await elapsedAsync(async () => {
    const reading = read()
    for (let left = BYTES; left > 0; left -= size) await client.write(left < size ? block.subarray(0, left) : block)
    await client.end()
    await reading
  })
  return (BYTES * 8) / ns
}

/** Microseconds for a few bytes there and an answer back. */
async function roundTrip(): Promise<number> {
  const accepting = server.accept()
  await using client = await kernel.tcp.connect({ address: '10.0.0.2', port: PORT })
  await using peer = await accepting
  const few = new Uint8Array(64)
  const ns = await elapsedAsync(async () => {
    for (let count = 0; count < TURNS; count++) {
      await client.write(few)
      await peer.read()
      await peer.write(few)
      await client.read()
    }
  })
  return ns / TURNS / 1000
}

const SIZES = [4096, 65_536, 1_048_576]
const { ours } = await inTurns(ROUNDS, WARM_UP, async () => {
  const figures: number[] = []
  for (const size of SIZES) figures.push(await throughput(size))
  figures.push(await roundTrip())
  return figures
})
for (const [n, size] of SIZES.entries())
  report({ what: `TCP through a netkit pair, ${size} bytes a write`, unit: 'Gbit/s', rounds: ours[n] })
report({ what: '64 bytes there and back through a netkit pair', unit: 'µs', rounds: ours[SIZES.length] })
await kernel.close()
process.exit(0)
