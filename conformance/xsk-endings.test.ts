import { assemble, encode } from '@netkit/bpf'
import { embedded } from '@netkit/kernel'
import { KernelError, XDP_TXMD } from '@netkit/netlink'
import { connect, FrameBatch, type Kernel, type XskOptions, type XskSocket } from 'netkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let kernel: Kernel
let nic: number
let sent: Uint8Array[]
const ENXIO = -6
const EBUSY = -16
const ENETDOWN = -100

const frame = (n: number, length = 64): Uint8Array => {
  const bytes = new Uint8Array(length).fill(n)
  bytes.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5])
  return bytes
}

/** Of what the NIC sends, the application's: the host sends some of its own. */
function keep(bytes: Uint8Array): void {
  if (bytes[12] === 0x88 && bytes[13] === 0xb5) sent.push(bytes)
}

const code = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call
    return 'ok'
  } catch (error) {
    if (error instanceof KernelError) return error.code
    throw error
  }
}

const inject = (...frames: Uint8Array[]) => kernel.doors.hardware?.inject(nic, frames)

const open = (options: Partial<XskOptions> = {}): Promise<XskSocket> =>
  kernel.xsk.open({ device: 'nk0', queue: 1, rx: 16, tx: 16, fill: 16, completion: 16, chunks: 32, ...options })

/** Redirects what arrives at the NIC to the socket. */
async function redirect(socket: XskSocket): Promise<void> {
  const map = await kernel.bpf.createMap({ type: 'xskmap', keySize: 4, valueSize: 4, maxEntries: 1 })
  await map.update(0, socket.fd)
  const program = encode(assemble(`r1 = map[fd:${map.fd}]; r2 = 0; r3 = 1; call redirect_map; exit`))
  await kernel.bpf.attachXdp(await kernel.bpf.loadProgram(program, { type: 'xdp' }), { device: 'eth0', mode: 'native' })
}

/** A batch with one frame to send. */
function one(socket: XskSocket, bytes: Uint8Array, at = 0): FrameBatch {
  const batch = new FrameBatch(1)
  socket.rings.allocate(batch)
  batch.offsets[0] += at
  batch.lengths[0] = bytes.length
  socket.rings.umem.set(bytes, batch.offsets[0])
  return batch
}

beforeEach(async () => {
  kernel = await connect(embedded())
  sent = []
  nic = (await kernel.nics.add({ name: 'eth0', wire: { kind: 'function', transmit: keep } })).id
  await kernel.devices.set('eth0', { up: true })
  await kernel.namespaces.create('pod')
  await kernel.leases.addDevice({ name: 'nk0', up: true, lessor: { device: 'eth0', queues: [0] } })
})

afterEach(() => kernel.close())

describe('AF_XDP is refused', () => {
  test('without copies on a pair, which takes copies', async () => {
    await kernel.devices.addPair({ name: 'a0', peer: { name: 'a1' } })
    expect(await code(open({ device: 'a0', queue: 0, mode: 'zero-copy' }))).toBe('EOPNOTSUPP')
    using socket = await open({ device: 'a0', queue: 0 })
    expect(socket.zeroCopy).toBe(false)
  })

  test('on a physical queue that is leased out, whatever the mode', async () => {
    expect(await code(open({ device: 'eth0', queue: 0, mode: 'zero-copy' }))).toBe('EBUSY')
    expect(await code(open({ device: 'eth0', queue: 0, mode: 'copy' }))).toBe('EBUSY')
  })

  test('without copies on the queue of a single device that is its own', async () => {
    expect(await code(open({ queue: 0, mode: 'zero-copy' }))).toBe('EOPNOTSUPP')
    expect(await code(open({ queue: 2, mode: 'copy' }))).toBe('EINVAL')
    using socket = await open({ queue: 0, mode: 'copy' })
    expect(socket.rings.send(one(socket, frame(1)))).toBe(1)
    socket.rings.send(one(socket, frame(2)))
    expect((await kernel.devices.get('nk0', { stats: true })).stats?.txDropped).toBe(2n)
    socket.rings.reap()
    expect(socket.rings.free.count).toBe(16)
  })

  test('to send from that queue: the frame is lost and the call says so', async () => {
    using socket = await open({ queue: 0, mode: 'copy' })
    // The rings' own kick is what calls; its result is the system call's.
    const batch = one(socket, frame(1))
    const kick = socket.rings.kick.bind(socket.rings)
    const results: number[] = []
    socket.rings.kick = () => {
      results.push(kick())
      return results[0]
    }
    socket.rings.send(batch)
    expect(results).toEqual([EBUSY])
  })

  test('where somebody receives by io_uring, and the other way round', async () => {
    await kernel.nics.remove(nic)
    nic = (await kernel.nics.add({ name: 'eth0', queues: 2, wire: { kind: 'function', transmit: keep } })).id
    await kernel.ethtool.rings.set('eth0', { tcpDataSplit: 'enabled', hdsThresh: 0 })
    await kernel.devices.set('eth0', { up: true })
    await kernel.leases.addDevice({ name: 'nk0', up: true, lessor: { device: 'eth0', queues: [0, 1] } })
    const zcrx = await kernel.zcrx.open({ device: 'nk0', queue: 1 })
    // Spec 03 §5.7, rows 1 and 7.
    expect(await code(open({ queue: 1, mode: 'zero-copy' }))).toBe('EBUSY')
    expect(await code(open({ queue: 2, mode: 'zero-copy' }))).toBe('EBUSY')
    const copying = await open({ queue: 2, mode: 'any' })
    expect(copying.zeroCopy).toBe(false)
    copying.close()
    await zcrx.close()
    // Rows 4 and 5.
    using socket = await open({ queue: 1, mode: 'zero-copy' })
    expect(socket.zeroCopy).toBe(true)
    expect(await code(kernel.zcrx.open({ device: 'nk0', queue: 1 }))).toBe('EBUSY')
    const beside = await kernel.zcrx.open({ device: 'nk0', queue: 2 })
    await beside.close()
  })

  test('a lease on a queue that it has', async () => {
    await kernel.devices.remove('nk0')
    using socket = await open({ device: 'eth0', queue: 0, mode: 'zero-copy' })
    expect(socket.zeroCopy).toBe(true)
    const lease = { name: 'nk0', up: true, lessor: { device: 'eth0', queues: [0] } }
    expect(await code(kernel.leases.addDevice(lease))).toBe('EBUSY')
  })
})

describe('an AF_XDP socket', () => {
  test('comes back when a device that was down is up again', async () => {
    using socket = await open({ mode: 'zero-copy' })
    await redirect(socket)
    for (const device of ['nk0', 'eth0']) {
      await kernel.devices.set(device, { up: false })
      expect(socket.rings.kick()).toBe(ENETDOWN)
      await kernel.devices.set(device, { up: true })
      expect(socket.rings.kick()).toBe(0)
      await inject(frame(1))
      const batch = new FrameBatch()
      expect(socket.rings.receive(batch)).toBe(1)
      socket.rings.release(batch)
    }
  })

  test('receives while its own device is down', async () => {
    using socket = await open({ mode: 'zero-copy' })
    await redirect(socket)
    await kernel.devices.set('nk0', { up: false })
    await inject(frame(1))
    expect(socket.rings.receive(new FrameBatch())).toBe(1)
  })

  const ENDINGS: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['its device moves', () => kernel.devices.move('nk0', { to: 'pod' })],
    ['its device is deleted', () => kernel.devices.remove('nk0')],
    ['the NIC is unplugged', () => kernel.nics.remove(nic)],
  ]
  test.each(ENDINGS)('is unbound for good when %s', async (_, end) => {
    using socket = await open({ mode: 'zero-copy' })
    await redirect(socket)
    await inject(frame(1), frame(2))
    const waits = socket.readable()
    expect(await waits).toBe(true)
    await end()
    // Spec 03 §5.6.
    expect(socket.rings.kick()).toBe(ENXIO)
    expect(await socket.readable()).toBe(false)
    const batch = new FrameBatch()
    expect(socket.rings.receive(batch)).toBe(2)
    expect(socket.rings.umem[batch.offsets[1] + 20]).toBe(2)
    expect(socket.statistics()).toMatchObject({ rxDropped: 0n })
  })

  test('is left alone when the NIC moves: its own device stays', async () => {
    using socket = await open({ mode: 'zero-copy' })
    await redirect(socket)
    await kernel.devices.move('eth0', { to: 'pod', up: true })
    expect(socket.rings.kick()).toBe(0)
    await inject(frame(1))
    expect(socket.rings.receive(new FrameBatch())).toBe(1)
  })

  test('goes with the namespace of its device', async () => {
    await kernel.devices.remove('nk0')
    await kernel.leases.addDevice({ name: 'nk0', in: 'pod', up: true, lessor: { device: 'eth0', queues: [0] } })
    using socket = await open({ in: 'pod', mode: 'zero-copy' })
    await redirect(socket)
    await inject(frame(1))
    await kernel.devices.remove('nk0', { in: 'pod' })
    await kernel.namespaces.remove('pod')
    expect(socket.rings.kick()).toBe(ENXIO)
    await inject(frame(2))
    expect(socket.rings.receive(new FrameBatch())).toBe(1)
  })

  test('has the NIC do what TX metadata ask for', async () => {
    using socket = await open({ mode: 'zero-copy', metadataLength: 24 })
    const { rings } = socket
    const bytes = frame(0, 60)
    bytes.set([1, 2, 3, 4], 40)
    const batch = one(socket, bytes, 24)
    const view = new DataView(rings.umem.buffer, rings.umem.byteOffset + batch.offsets[0] - 24, 24)
    view.setBigUint64(0, BigInt(XDP_TXMD.checksum | XDP_TXMD.timestamp), true)
    view.setUint16(8, 40, true)
    view.setUint16(10, 10, true)
    batch.options[0] = 2
    expect(rings.send(batch)).toBe(1)
    // One's complement of 0x0102 + 0x0304.
    expect([...sent[0].subarray(50, 52)]).toEqual([0xfb, 0xf9])
    expect(rings.reap()).toBe(1)
    expect(view.getBigUint64(8, true)).toBeGreaterThan(0n)
    expect(socket.statistics()).toMatchObject({ txInvalidDescs: 0n })
  })

  test('says that the kernel has to be woken to send', async () => {
    for (const needWakeup of [true, false]) {
      using socket = await open({ mode: 'zero-copy', needWakeup })
      const { layout } = socket.rings
      const words = new Int32Array(layout.memory.buffer)
      expect([words[layout.tx?.flags ?? 0] & 1, words[layout.fill?.flags ?? 0] & 1]).toEqual([1, 0])
    }
  })

  test('survives an application that gives chunks twice', async () => {
    using socket = await open({ mode: 'zero-copy', chunks: 16 })
    await redirect(socket)
    const { layout } = socket.rings
    const words = new Int32Array(layout.memory.buffer)
    const first = layout.fill?.first ?? 0
    for (let n = 0; n < 16; n++) words[first + 2 * n] = 0
    await inject(...Array.from({ length: 40 }, (_, n) => frame(n)))
    expect(socket.rings.receive(new FrameBatch())).toBe(16)
    expect(socket.rings.kick()).toBe(0)
  })
})

describe('frames that are on a slow wire when their socket is closed', () => {
  const DELAY = 30
  /** Has the NIC send back what arrives. */
  const sendBack = async (): Promise<void> => {
    const program = await kernel.bpf.loadProgram(encode(assemble('r0 = 3; exit')), { type: 'xdp' })
    await kernel.bpf.attachXdp(program, { device: 'eth0', mode: 'native' })
  }
  const WAYS: readonly (readonly [string, (socket: XskSocket) => Promise<unknown>])[] = [
    [
      'sent by the application',
      async ({ rings }) => {
        const batch = new FrameBatch(4)
        rings.allocate(batch)
        for (let n = 0; n < 4; n++) rings.umem.set(frame(n), batch.offsets[n])
        batch.lengths.fill(64)
        rings.send(batch)
      },
    ],
    [
      'sent back by the program',
      async () => {
        await sendBack()
        await inject(...[0, 1, 2, 3].map((n) => frame(n)))
      },
    ],
  ]

  test.each(WAYS)('arrive as they are, and nobody else gets their buffers: %s', async (_, send) => {
    const before = await open({ mode: 'zero-copy' })
    await kernel.nics.impair(nic, 'tx', { delay: DELAY })
    await send(before)
    before.close()
    expect(sent).toEqual([])
    using after = await open({ mode: 'zero-copy' })
    await redirect(after)
    await inject(...Array.from({ length: 8 }, () => frame(9)))
    await new Promise((resolve) => setTimeout(resolve, 3 * DELAY))
    expect(sent).toEqual([0, 1, 2, 3].map((n) => frame(n)))
    expect(after.rings.reap()).toBe(0)
    await inject(...Array.from({ length: 20 }, () => frame(9)))
    const batch = new FrameBatch(32)
    after.rings.receive(batch)
    const chunks = [...batch.chunks.subarray(0, batch.count)]
    expect(new Set(chunks).size).toBe(chunks.length)
    expect(chunks.length).toBe(16)
  })
})

test('a queue whose application gives no chunks is seen to starve', async () => {
  using socket = await open({ mode: 'zero-copy', chunks: 4, fill: 4 })
  await redirect(socket)
  await inject(...Array.from({ length: 10 }, (_, n) => frame(n)))
  const [stats] = (await kernel.stats.queues({ device: 'eth0' })).filter((q) => q.queueType === 'rx' && q.queueId === 0)
  expect(stats).toMatchObject({ rxPackets: 4, rxHwDrops: 6, rxHwDropOverruns: 6, rxAllocFail: 0 })
  expect(socket.statistics()).toMatchObject({ rxFillRingEmpty: 6n, rxDropped: 0n })
})
