import { parentPort, workerData } from 'node:worker_threads'
import { xskWakeup } from '@netkit/linux'
import { FrameBatch, type XskLayout, XskRings } from 'netkit'

/** Sends back every frame, and tells at the end how many there were and how many chunks it has, in rings or out of them. */
const { layout, frames, fd } = workerData as {
  readonly layout: XskLayout
  readonly frames: number
  /** Of a socket of the machine. */
  readonly fd?: number
}
const rings = new XskRings(layout, fd === undefined ? undefined : await xskWakeup(fd))
const batch = new FrameBatch(16)
rings.refill()
parentPort?.postMessage('ready')
let received = 0
while (received < frames) {
  if (rings.receive(batch) === 0) {
    rings.waitReadable(1000)
    continue
  }
  received += batch.count
  while (batch.count > 0) rings.send(batch)
}
let filled = 0
const { fill } = layout
const words = new Int32Array(layout.memory.buffer)
/** What was sent comes back once the other thread has looked at the ring. */
while (true) {
  rings.reap()
  filled = fill ? (Atomics.load(words, fill.producer) - Atomics.load(words, fill.consumer)) | 0 : 0
  if (rings.free.count + filled >= layout.size / layout.chunkSize) break
  rings.kick()
  Atomics.wait(words, layout.completion?.producer ?? 0, Atomics.load(words, layout.completion?.producer ?? 0), 5)
}
parentPort?.postMessage({ received, chunks: rings.free.count + filled })
