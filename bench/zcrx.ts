/**
 * A stream of TCP from a NIC through the host's IP layer and a netkit pair into a pod, received by io_uring in the area of the leased
 * queue and, on the same way, by a socket that copies. All in one thread: sender, three stacks, wire and receiver.
 */
import type { TcpConnection } from 'netkit'
import { connectPod, LEASED_PORT, makePod, OTHER_PORT } from './harness/pod.ts'
import { elapsedAsync, inTurns, report, sized } from './harness/suite.ts'

const ROUNDS = sized(9, 2)
const WARM_UP = sized(10, 1)
const BYTES = sized(64 << 20, 4 << 20)
const LARGE = 65_536
const SIZES = [4096, 16_384, LARGE]
const AREA = 16 << 20

const kernel = await makePod()
const plain = await connectPod(kernel, OTHER_PORT)
const free = await connectPod(kernel, LEASED_PORT)
const zc = await kernel.zcrx.open({ device: 'nk2', queue: 1, in: 'pod', areaBytes: AREA, refillEntries: 8192 })
zc.receive(free.near.handle)

let received = 0
const visitor = {
  data(_stream: number, offset: number, length: number) {
    received += length
    zc.giveBack(offset)
  },
  end(_stream: number, result: number) {
    throw new Error(`the stream ended with ${result}`)
  },
}

async function zeroCopy(): Promise<void> {
  for (received = 0; received < BYTES; ) if (zc.poll(visitor) === 0) await zc.wait()
}

async function copying(): Promise<void> {
  for (let left = BYTES; left > 0; ) left -= (await plain.near.read())?.length ?? 0
}

/** Gigabits of payload a second; each side goes as fast as it can. */
async function stream(far: TcpConnection, size: number, receive: () => Promise<void>): Promise<number> {
  const piece = new Uint8Array(size).fill(7)
  const ns = await elapsedAsync(async () => {
    const receiving = receive()
    for (let sent = 0; sent < BYTES; sent += size) await far.write(piece)
    await receiving
  })
  return (BYTES * 8) / ns
}

const each = async (far: TcpConnection, receive: () => Promise<void>): Promise<number[]> => {
  const figures: number[] = []
  for (const size of SIZES) figures.push(await stream(far, size, receive))
  return figures
}
const turns = await inTurns(
  ROUNDS,
  WARM_UP,
  () => each(free.far, zeroCopy),
  () => each(plain.far, copying),
)
for (const [n, size] of SIZES.entries()) {
  report({
    what: `TCP into a pod by io_uring, ${size} bytes a write`,
    unit: 'Gbit/s',
    rounds: turns.ours[n],
    target: size === LARGE ? { min: 20 } : undefined,
    peer: { what: 'a socket that copies, the same way', rounds: turns.peer[n] },
    ratio: { max: 1 },
  })
}
report({
  what: 'bytes that were copied into the area',
  unit: 'bytes',
  rounds: [Number(zc.stats?.copiedBytes)],
  target: { max: 0 },
})
await kernel.close()
process.exit(0)
