import { Worker } from 'node:worker_threads'
import { assemble, encode } from '@netkit/bpf'
import { embedded } from '@netkit/kernel'
import { connect, type Kernel, type XskSocket } from 'netkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const ECHO = new URL('xsk-worker/start.mjs', import.meta.url)
const FROM_SOURCES = ['--conditions=source']
const FRAMES = 500

let kernel: Kernel
let nic: number
let sent: Uint8Array[]

const frame = (n: number): Uint8Array => {
  const bytes = new Uint8Array(64 + n).fill(n)
  bytes.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5])
  return bytes
}

/** Of what the NIC sends, the application's: the host sends some of its own. */
function keep(bytes: Uint8Array): void {
  if (bytes[12] === 0x88 && bytes[13] === 0xb5) sent.push(bytes)
}

/** Calls `look` every few ms until it is true. */
async function until(look: () => boolean): Promise<void> {
  for (let tries = 0; !look(); tries++) {
    if (tries === 2000) throw new Error('it does not happen')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const echo = (socket: XskSocket, frames: number): Worker =>
  new Worker(ECHO, { workerData: { layout: socket.share(), frames }, execArgv: FROM_SOURCES })

/** Resolves with the next message of a worker. */
const message = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })

describe('an application in a worker, over shared memory', () => {
  beforeEach(async () => {
    kernel = await connect(embedded())
    sent = []
    const wire = { kind: 'function', transmit: keep } as const
    nic = (await kernel.nics.add({ name: 'eth0', wire })).id
    await kernel.devices.set('eth0', { up: true })
    await kernel.leases.addDevice({ name: 'nk0', up: true, lessor: { device: 'eth0', queues: [0] } })
  })

  afterEach(() => kernel.close())

  async function open(): Promise<XskSocket> {
    const sizes = { rx: 64, tx: 64, fill: 64, completion: 64, chunks: 128 }
    const socket = await kernel.xsk.open({ device: 'nk0', queue: 1, mode: 'zero-copy', ...sizes })
    const map = await kernel.bpf.createMap({ type: 'xskmap', keySize: 4, valueSize: 4, maxEntries: 1 })
    await map.update(0, socket.fd)
    const code = encode(assemble(`r1 = map[fd:${map.fd}]; r2 = 0; r3 = 1; call redirect_map; exit`))
    await kernel.bpf.attachXdp(await kernel.bpf.loadProgram(code, { type: 'xdp' }), { device: 'eth0', mode: 'native' })
    return socket
  }

  test('receives, and sends back from where the frames lie', async () => {
    using socket = await open()
    const worker = echo(socket, FRAMES)
    expect(await message(worker)).toBe('ready')
    const done = message(worker)
    for (let n = 0; n < FRAMES; n += 10) {
      const some = Array.from({ length: 10 }, (_, m) => frame((n + m) % 200))
      await kernel.doors.hardware?.inject(nic, some)
      // As many as the fill ring surely has chunks for.
      await until(() => sent.length >= n - 20)
    }
    // Every chunk is in the fill ring or on the worker's pile.
    expect(await done).toEqual({ received: FRAMES, chunks: 128 })
    await until(() => sent.length === FRAMES)
    expect(sent).toEqual(Array.from({ length: FRAMES }, (_, n) => frame(n % 200)))
    expect(socket.statistics()).toMatchObject({ rxDropped: 0n, rxRingFull: 0n, txInvalidDescs: 0n })
    await worker.terminate()
  })

  test('hears of frames while it sleeps', async () => {
    using socket = await open()
    const worker = echo(socket, 1)
    expect(await message(worker)).toBe('ready')
    const done = message(worker)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await kernel.doors.hardware?.inject(nic, [frame(7)])
    expect(await done).toMatchObject({ received: 1 })
    await until(() => sent.length === 1)
    expect(sent).toEqual([frame(7)])
    await worker.terminate()
  })

  test('leaves nothing to this thread`s rings', async () => {
    using socket = await open()
    const { free } = socket.share()
    expect(free?.length).toBe(64)
    expect(socket.rings.free.count).toBe(0)
  })
})
