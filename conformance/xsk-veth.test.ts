import { assemble, encode } from '@netkit/bpf'
import { connect, FrameBatch, type Kernel, type XskOptions, type XskSocket } from 'netkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BOTH_KERNELS } from './src/both-kernels.ts'

const frame = (n: number, length = 64): Uint8Array => {
  const bytes = new Uint8Array(length).fill(n)
  bytes.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5])
  return bytes
}

describe.each(BOTH_KERNELS)('AF_XDP between the ends of veth on $name', ({ open }) => {
  let kernel: Kernel
  let place: string
  const sockets: XskSocket[] = []

  beforeEach(async () => {
    kernel = await connect(open())
    place = `netkit-xsk-${process.pid}-${Math.random().toString(36).slice(2, 8)}`
    await kernel.namespaces.create(place)
    const data = { peer: { ifname: 'v1' } }
    await kernel.devices.addRaw({ ifname: 'v0', linkinfo: { kind: 'veth', data } }, { in: place })
    for (const dev of ['v0', 'v1']) await kernel.devices.set(dev, { up: true }, { in: place })
  })

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close()
    await kernel.namespaces.remove(place)
    await kernel.close()
  })

  const socketOn = async (device: string, more: Partial<XskOptions> = {}): Promise<XskSocket> => {
    const sizes = { rx: 64, tx: 64, fill: 64, completion: 64, chunks: 128 }
    const socket = await kernel.xsk.open({ device, in: place, mode: 'copy', ...sizes, ...more })
    sockets.push(socket)
    return socket
  }

  /** Redirects what arrives at v1 to a socket there. */
  async function receiver(mode: 'native' | 'generic', more: Partial<XskOptions> = {}): Promise<XskSocket> {
    const socket = await socketOn('v1', more)
    const map = await kernel.bpf.createMap({ type: 'xskmap', keySize: 4, valueSize: 4, maxEntries: 1 })
    await map.update(0, socket.fd)
    const code = encode(assemble(`r1 = map[fd:${map.fd}]; r2 = 0; r3 = 2; call redirect_map; exit`))
    const program = await kernel.bpf.loadProgram(code, { type: 'xdp', fragments: more.multiBuffer === true })
    await kernel.bpf.attachXdp(program, { device: 'v1', in: place, mode })
    return socket
  }

  function send(socket: XskSocket, ...frames: Uint8Array[]): void {
    const batch = new FrameBatch(frames.length)
    expect(socket.rings.allocate(batch)).toBe(frames.length)
    for (const [n, bytes] of frames.entries()) {
      socket.rings.umem.set(bytes, batch.offsets[n])
      batch.lengths[n] = bytes.length
    }
    expect(socket.rings.send(batch)).toBe(frames.length)
  }

  /** Frames that arrive within a while, those of others (neighbour discovery) left out. */
  async function received(socket: XskSocket, count: number): Promise<Uint8Array[]> {
    const batch = new FrameBatch()
    const frames: Uint8Array[] = []
    for (let tries = 0; frames.length < count && tries < 50; tries++) {
      await socket.readable(20)
      socket.rings.receive(batch)
      for (let n = 0; n < batch.count; n++) {
        const bytes = socket.rings.umem.slice(batch.offsets[n], batch.offsets[n] + batch.lengths[n])
        if (bytes[12] === 0x88 && bytes[13] === 0xb5) frames.push(bytes)
      }
      socket.rings.release(batch)
    }
    return frames
  }

  test.each(['native', 'generic'] as const)('what one sends the other receives, by a %s program', async (mode) => {
    const to = await receiver(mode)
    const from = await socketOn('v0')
    const frames = Array.from({ length: 20 }, (_, n) => frame(n, 64 + n * 50))
    send(from, ...frames)
    expect(await received(to, 20)).toEqual(frames)
    expect(from.rings.reap()).toBe(20)
    expect([to.zeroCopy, from.zeroCopy]).toEqual([false, false])
    expect(from.statistics().txInvalidDescs).toBe(0n)
  })

  test('goes round and round', async () => {
    const to = await receiver('native')
    const from = await socketOn('v0')
    for (let round = 0; round < 20; round++) {
      const frames = Array.from({ length: 16 }, (_, n) => frame(round * 8 + n))
      send(from, ...frames)
      expect(await received(to, 16)).toEqual(frames)
    }
    from.rings.reap()
    // All chunks but those in the fill ring.
    expect(from.rings.free.count).toBe(128 - 64)
  })

  test('gives back what cannot be sent, and counts it', async () => {
    const from = await socketOn('v0')
    const batch = new FrameBatch(3)
    from.rings.allocate(batch)
    batch.lengths.set([64, 0, 64])
    from.rings.send(batch)
    for (let tries = 0; from.rings.free.count < 128 - 64 && tries < 20; tries++) {
      from.rings.kick()
      from.rings.reap()
    }
    expect(from.statistics()).toMatchObject({ txInvalidDescs: 1n, rxDropped: 0n })
  })

  test('drops what it has no chunk for, and what is too long', async () => {
    const to = await receiver('native', { fill: 4, chunks: 4, headroom: 1000 })
    const from = await socketOn('v0', { chunkSize: 4096 })
    send(from, frame(1, 1000))
    await received(to, 0)
    for (let tries = 0; to.statistics().rxDropped === 0n && tries < 50; tries++) await to.readable(10)
    expect(to.statistics()).toMatchObject({ rxDropped: 1n, rxFillRingEmpty: 0n, rxRingFull: 0n })
  })
})
