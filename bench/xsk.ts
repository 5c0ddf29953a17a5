/**
 * AF_XDP on the embedded kernel: packets of 64 bytes from a recording through a NIC and its program into the UMEM of an application
 * behind a leased queue, which takes them in batches of 64: in the same thread, and in a worker of its own that polls.
 */
import { Worker } from 'node:worker_threads'
import { assemble, encode } from '@netkit/bpf'
import { embedded } from '@netkit/kernel'
import { connect, FrameBatch } from 'netkit'
import { recording } from './harness/recording.ts'
import { elapsedAsync, inTurns, report, sized } from './harness/suite.ts'

const ROUNDS = sized(15, 2)
const WARM_UP = sized(5, 1)
/** Frames that are played before the application of the same thread has its turn. */
const AT_ONCE = 1024
const COUNT = sized(500, 10) * AT_ONCE
const RING = 2048
const unit = 'million packets/s'

const frames = recording(AT_ONCE, 64)

/** A NIC that plays a recording, and a socket on the single device that leases its queue. */
async function lease() {
  const kernel = await connect(embedded())
  const { id } = await kernel.nics.add({ name: 'eth0', wire: { kind: 'capture', from: frames } })
  await kernel.devices.set('eth0', { up: true })
  await kernel.leases.addDevice({ name: 'nk0', up: true, lessor: { device: 'eth0', queues: [0] } })
  const socket = await kernel.xsk.open({ device: 'nk0', queue: 1, mode: 'zero-copy', rx: RING, fill: RING, tx: 0 })
  const map = await kernel.bpf.createMap({ type: 'xskmap', keySize: 4, valueSize: 4, maxEntries: 1 })
  await map.update(0, socket.fd)
  const code = encode(assemble(`r1 = map[fd:${map.fd}]; r2 = 0; r3 = 2; call redirect_map; exit`))
  await kernel.bpf.attachXdp(await kernel.bpf.loadProgram(code, { type: 'xdp' }), { device: 'eth0', mode: 'native' })
  const play = () => kernel.nics.play(id, { frames: AT_ONCE, loop: 2 })
  return { kernel, socket, play }
}

const here = await lease()
const batch = new FrameBatch(64)
async function sameThread(): Promise<number> {
  const { rings } = here.socket
  let got = 0
  const ns = await elapsedAsync(async () => {
    for (let played = 0; played < COUNT; played += AT_ONCE) {
      await here.play()
      while (rings.receive(batch) > 0) {
        got += batch.count
        rings.release(batch)
      }
    }
  })
  if (got !== COUNT) throw new Error(`${COUNT - got} packets were lost`)
  return (COUNT * 1000) / ns
}

const there = await lease()
/** Packets that the worker has received, and whether it is to end. */
const words = new Int32Array(new SharedArrayBuffer(8))
const WORKER = `
import { parentPort, workerData } from 'node:worker_threads'
import { FrameBatch, XskRings } from '${import.meta.resolve('netkit')}'
const { layout, words } = workerData
const rings = new XskRings(layout)
const batch = new FrameBatch(64)
parentPort.postMessage('ready')
for (let received = 0; Atomics.load(words, 1) === 0; ) {
  if (rings.receive(batch) === 0) continue
  received += batch.count
  rings.release(batch)
  Atomics.store(words, 0, received)
}
`
const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(WORKER)}`), {
  workerData: { layout: there.socket.share(), words },
})
await new Promise((resolve) => worker.once('message', resolve))
let all = 0

/** Waits until the worker has room for what is played next, and at the end has everything. */
function waitFor(received: number): void {
  const giveUp = performance.now() + 5000
  while (((Atomics.load(words, 0) - received) | 0) < 0)
    if (performance.now() > giveUp) throw new Error('packets were lost')
}

async function otherThread(): Promise<number> {
  const ns = await elapsedAsync(async () => {
    for (let played = 0; played < COUNT; played += AT_ONCE) {
      await there.play()
      all += AT_ONCE
      waitFor(all - RING / 2)
    }
    waitFor(all)
  })
  return (COUNT * 1000) / ns
}

const { ours } = await inTurns(ROUNDS, WARM_UP, async () => [await sameThread(), await otherThread()])
report({ what: 'leased queue, application in the same thread', unit, rounds: ours[0], target: { min: 10 } })
report({ what: 'leased queue, application in a worker', unit, rounds: ours[1], target: { min: 8 } })
Atomics.store(words, 1, 1)
await worker.terminate()
for (const { kernel } of [here, there]) await kernel.close()
process.exit(0)
