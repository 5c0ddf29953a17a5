import { assemble, encode } from '@netkit/bpf'
import { COPY, Kernel as EmbeddedKernel, embedded } from '@netkit/kernel'
import { type BpfMap, connect, FrameBatch, type Kernel, type XskOptions, type XskSocket } from 'netkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let machine: EmbeddedKernel
let kernel: Kernel
let nic: number
let sent: Uint8Array[]
let map: BpfMap

/** Of what the NIC sends, the application's: the host sends some of its own. */
function keep(bytes: Uint8Array): void {
  if (bytes[12] === 0x88 && bytes[13] === 0xb5) sent.push(bytes)
}

/** A NIC with two queues, all traffic on the first, which a single device leases. */
beforeEach(async () => {
  machine = new EmbeddedKernel()
  kernel = await connect(embedded({ kernel: machine }))
  sent = []
  const wire = { kind: 'function', transmit: keep } as const
  nic = (await kernel.nics.add({ name: 'eth0', wire })).id
  await kernel.devices.set('eth0', { up: true })
  await kernel.leases.addDevice({ name: 'nk0', up: true, lessor: { device: 'eth0', queues: [0] } })
  map = await kernel.bpf.createMap({ type: 'xskmap', keySize: 4, valueSize: 4, maxEntries: 4 })
})

afterEach(async () => {
  const { packets } = machine.path
  await kernel.close()
  expect({ buffers: packets.buffers.inUse, packets: packets.table.inUse, fragments: packets.fragments.inUse }).toEqual({
    buffers: 0,
    packets: 0,
    fragments: 0,
  })
})

/** Redirects what arrives at the NIC to the socket under key 0; what none is there for is passed. */
async function redirect(fragments = false): Promise<void> {
  const code = encode(assemble(`r1 = map[fd:${map.fd}]; r2 = 0; r3 = 2; call redirect_map; exit`))
  const program = await kernel.bpf.loadProgram(code, { type: 'xdp', name: 'to_socket', fragments })
  await kernel.bpf.attachXdp(program, { device: 'eth0', mode: 'native' })
}

async function open(options: Partial<XskOptions> = {}): Promise<XskSocket> {
  const socket = await kernel.xsk.open({
    device: 'nk0',
    queue: 1,
    rx: 64,
    tx: 64,
    fill: 64,
    completion: 64,
    chunks: 128,
    ...options,
  })
  await map.update(0, socket.fd)
  return socket
}

const frame = (n: number, length = 64): Uint8Array => {
  const bytes = new Uint8Array(length).fill(n)
  bytes.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5])
  return bytes
}
const inject = async (...frames: Uint8Array[]): Promise<number> =>
  (await kernel.doors.hardware?.inject(nic, frames)) ?? 0
const copied = () => {
  const { copies } = machine.path.packets.memory
  return Object.fromEntries(Object.entries(COPY).map(([name, reason]) => [name, copies.bytes[reason]]))
}
const bytesOf = (socket: XskSocket, batch: FrameBatch, n: number): Uint8Array =>
  socket.rings.umem.slice(batch.offsets[n], batch.offsets[n] + batch.lengths[n])

describe('AF_XDP on a leased queue', () => {
  test('receives into the UMEM: one write and no copy', async () => {
    using socket = await open({ mode: 'zero-copy' })
    await redirect()
    expect(socket.zeroCopy).toBe(true)
    const before = copied()
    expect(await inject(frame(1), frame(2), frame(3))).toBe(3)
    const batch = new FrameBatch(2)
    expect(socket.rings.receive(batch)).toBe(2)
    expect([bytesOf(socket, batch, 0), bytesOf(socket, batch, 1)]).toEqual([frame(1), frame(2)])
    expect(batch.offsets[0] % 2048).toBe(256)
    socket.rings.release(batch)
    expect(socket.rings.receive(batch)).toBe(1)
    expect(bytesOf(socket, batch, 0)).toEqual(frame(3))
    socket.rings.release(batch)
    expect(copied()).toEqual({ ...before, wireIn: (before.wireIn ?? 0) + 3 * 64 })
    expect(await kernel.queues.get('eth0', { id: 0 })).toMatchObject({ xsk: {} })
  })

  test('sends from the UMEM and gives the chunks back', async () => {
    using socket = await open({ mode: 'zero-copy' })
    await redirect()
    const before = copied()
    const { rings } = socket
    const batch = new FrameBatch(3)
    rings.allocate(batch)
    for (let n = 0; n < 3; n++) {
      rings.umem.set(frame(n + 1), batch.offsets[n])
      batch.lengths[n] = 64
    }
    const free = rings.free.count
    expect(rings.send(batch)).toBe(3)
    expect(sent).toEqual([frame(1), frame(2), frame(3)])
    expect(rings.reap()).toBe(3)
    expect(rings.free.count).toBe(free + 3)
    expect(copied()).toEqual({ ...before, wireOut: (before.wireOut ?? 0) + 3 * 64 })
  })

  test('forwards what it has received', async () => {
    using socket = await open({ mode: 'zero-copy' })
    await redirect()
    await inject(frame(7), frame(8))
    const batch = new FrameBatch()
    socket.rings.receive(batch)
    expect(socket.rings.send(batch)).toBe(2)
    expect(sent).toEqual([frame(7), frame(8)])
  })

  test('counts what it has no room for', async () => {
    using socket = await open({ mode: 'zero-copy', rx: 2, fill: 4, chunks: 8 })
    await redirect()
    await inject(...Array.from({ length: 3 }, (_, n) => frame(n)))
    expect(socket.statistics()).toMatchObject({ rxRingFull: 1n, rxFillRingEmpty: 0n })
    const batch = new FrameBatch()
    expect(socket.rings.receive(batch)).toBe(2)
    await inject(...Array.from({ length: 5 }, (_, n) => frame(n)))
    expect(socket.statistics()).toMatchObject({ rxRingFull: 1n + 3n })
  })

  test('hands what a program passes to the NIC: a copy', async () => {
    using socket = await open({ mode: 'zero-copy' })
    const code = encode(assemble('r0 = 2; exit'))
    await kernel.bpf.attachXdp(await kernel.bpf.loadProgram(code, { type: 'xdp' }), { device: 'eth0', mode: 'native' })
    await inject(frame(1))
    expect(copied().umem).toBe(64)
    expect(socket.rings.receive(new FrameBatch())).toBe(0)
    await inject(...Array.from({ length: 200 }, (_, n) => frame(n)))
    expect(socket.statistics().rxFillRingEmpty).toBe(0n)
  })

  test('takes packets of several chunks at the NIC itself', async () => {
    await kernel.devices.remove('nk0')
    await kernel.devices.set('eth0', { mtu: 6000 })
    using socket = await open({ device: 'eth0', queue: 0, mode: 'zero-copy', multiBuffer: true })
    await redirect(true)
    const long = frame(5, 4000)
    await inject(long)
    const batch = new FrameBatch()
    expect(socket.rings.receive(batch)).toBe(3)
    expect([...batch.options.subarray(0, 3)]).toEqual([1, 1, 0])
    expect(Buffer.concat([0, 1, 2].map((n) => bytesOf(socket, batch, n)))).toEqual(Buffer.from(long))
    expect(socket.rings.send(batch)).toBe(3)
    expect(sent).toEqual([long])
  })

  test('copies where it is asked to', async () => {
    using socket = await open({ mode: 'copy' })
    await redirect()
    expect(socket.zeroCopy).toBe(false)
    await inject(frame(9))
    const batch = new FrameBatch()
    expect(socket.rings.receive(batch)).toBe(1)
    expect(bytesOf(socket, batch, 0)).toEqual(frame(9))
    // Queue 1 is beyond netkit's only transmit queue: nothing is sent, nothing comes back.
    expect(socket.rings.send(batch)).toBe(1)
    expect([sent, socket.rings.reap()]).toEqual([[], 0])
  })

  test('is unbound for good when the lease ends', async () => {
    using socket = await open({ mode: 'zero-copy' })
    await redirect()
    const waits = socket.readable()
    await kernel.devices.remove('nk0')
    expect(await waits).toBe(false)
    expect(socket.rings.kick()).toBe(-6)
    await inject(frame(1))
    expect(socket.rings.receive(new FrameBatch())).toBe(0)
    expect(await kernel.queues.get('eth0', { id: 0 })).not.toHaveProperty('xsk')
    expect(socket.statistics()).toMatchObject({ rxDropped: 0n })
  })

  test('goes with the NIC', async () => {
    using socket = await open({ mode: 'zero-copy' })
    await kernel.nics.remove(nic)
    expect(socket.rings.kick()).toBe(-6)
  })

  test('wakes who waits', async () => {
    using socket = await open({ mode: 'zero-copy' })
    await redirect()
    const waits = socket.readable()
    await inject(frame(1))
    expect(await waits).toBe(true)
    expect(socket.rings.receive(new FrameBatch())).toBe(1)
    expect(await socket.readable(1)).toBe(false)
  })

  test('shares a UMEM with a second socket of the same queue', async () => {
    using first = await open({ mode: 'zero-copy' })
    using second = await kernel.xsk.open({ device: 'nk0', queue: 1, rx: 64, tx: 64, share: first })
    await map.update(0, second.fd)
    await redirect()
    await inject(frame(4))
    const batch = new FrameBatch()
    expect([first.rings.receive(batch), second.rings.receive(batch)]).toEqual([0, 1])
    expect(bytesOf(second, batch, 0)).toEqual(frame(4))
    expect(second.rings.send(batch)).toBe(1)
    expect(sent).toEqual([frame(4)])
    expect(first.rings.reap()).toBe(1)
  })

  test('keeps chunks anywhere apart', async () => {
    using socket = await open({ mode: 'zero-copy', unaligned: true, chunkSize: 3000, chunks: 100 })
    await redirect()
    await inject(frame(1, 1400), frame(2, 1400))
    const batch = new FrameBatch()
    expect(socket.rings.receive(batch)).toBe(2)
    expect([bytesOf(socket, batch, 0), bytesOf(socket, batch, 1)]).toEqual([frame(1, 1400), frame(2, 1400)])
    expect(socket.rings.send(batch)).toBe(2)
    expect(sent).toEqual([frame(1, 1400), frame(2, 1400)])
    expect(socket.rings.reap()).toBe(2)
  })
})
