import { Worker } from 'node:worker_threads'
import { assemble, encode } from '@netkit/bpf'
import { linux } from '@netkit/linux'
import { connect, FrameBatch } from 'netkit'
import { expect, test } from 'vitest'

const ECHO = new URL('xsk-worker/start.mjs', import.meta.url)
const FRAMES = 500
const isRoot = process.platform === 'linux' && process.getuid?.() === 0

test.skipIf(!isRoot)('an application in a worker calls Linux itself while this thread is busy', async () => {
  await using kernel = await connect(linux())
  const place = `netkit-xsk-worker-${process.pid}`
  await kernel.namespaces.create(place)
  try {
    const inside = { in: place }
    // What is received is what was sent, and nothing of the kernel's own.
    for (const which of ['all', 'default']) await kernel.sysctl.set(`net.ipv6.conf.${which}.disable_ipv6`, 1, inside)
    await kernel.devices.addRaw({ ifname: 'v0', linkinfo: { kind: 'veth', data: { peer: { ifname: 'v1' } } } }, inside)
    for (const dev of ['v0', 'v1']) await kernel.devices.set(dev, { up: true }, inside)
    const open = async (device: string) => {
      const socket = await kernel.xsk.open({ device, mode: 'copy', ...inside })
      const map = await kernel.bpf.createMap({ type: 'xskmap', keySize: 4, valueSize: 4, maxEntries: 1 })
      await map.update(0, socket.fd)
      const code = encode(assemble(`r1 = map[fd:${map.fd}]; r2 = 0; r3 = 1; call redirect_map; exit`))
      await kernel.bpf.attachXdp(await kernel.bpf.loadProgram(code, { type: 'xdp' }), {
        device,
        mode: 'native',
        ...inside,
      })
      return socket
    }
    using here = await open('v0')
    using there = await open('v1')
    const worker = new Worker(ECHO, {
      workerData: { layout: there.share(), frames: FRAMES, fd: there.fd },
      execArgv: ['--conditions=source'],
    })
    expect(await new Promise((resolve) => worker.once('message', resolve))).toBe('ready')
    const done = new Promise((resolve) => worker.once('message', resolve))
    const { rings } = here
    const batch = new FrameBatch(50)
    let back = 0
    const until = performance.now() + 10_000
    // Never leaves this turn of the event loop.
    for (let sent = 0; back < FRAMES && performance.now() < until; ) {
      if (sent < FRAMES && sent - back <= 50) {
        rings.allocate(batch)
        for (let n = 0; n < batch.count; n++) {
          rings.umem.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5], batch.offsets[n])
          batch.lengths[n] = 64
        }
        sent += rings.send(batch)
      }
      rings.receive(batch)
      for (let n = 0; n < batch.count; n++) if (rings.umem[batch.offsets[n] + 12] === 0x88) back++
      rings.release(batch)
    }
    expect(back).toBe(FRAMES)
    expect(await done).toEqual({ received: FRAMES, chunks: 4096 })
    await worker.terminate()
  } finally {
    await kernel.namespaces.remove(place)
  }
})
