import { once } from 'node:events'
import { connect as connectTcp, createServer, type Socket } from 'node:net'
import { linux } from '@netkit/linux'
import { connect, type Kernel, KernelError, type ZcrxReceiver } from 'netkit'
import { afterEach, beforeEach, expect, test } from 'vitest'

const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff)
const refusal = (code: string): unknown => expect.objectContaining({ name: 'KernelError', code })

let kernel: Kernel

beforeEach(async () => {
  kernel = await connect(linux())
  await kernel.devices.set('lo', { up: true })
})

afterEach(async () => {
  await kernel.close()
})

/** Both ends of a connection of TCP over loopback. Nobody reads the near one. */
async function pair(): Promise<{ readonly near: Socket; readonly far: Socket; readonly fd: number; close(): void }> {
  const server = createServer({ pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const far = connectTcp(port, '127.0.0.1')
  const [near] = (await once(server, 'connection')) as [Socket & { readonly _handle: { readonly fd: number } }]
  const close = (): void => {
    far.destroy()
    near.destroy()
    server.close()
  }
  return { near, far, fd: near._handle.fd, close }
}

async function read(zc: ZcrxReceiver, fd: number, most: number): Promise<Uint8Array> {
  const got = new Uint8Array(most)
  let at = 0
  for await (const view of zc.read({ fd })) {
    got.set(view, at)
    at += view.length
  }
  return got.subarray(0, at)
}

test('a stream is read in an area of the application, without a device', async () => {
  const zc = await kernel.zcrx.open({ areaBytes: 1 << 20 })
  const connection = await pair()
  const sent = pattern(3_000_000)
  connection.far.end(sent)
  const got = await read(zc, connection.fd, sent.length)
  expect(Buffer.compare(got, sent)).toBe(0)
  expect(zc.stats?.copiedBytes).toBe(BigInt(sent.length))
  connection.close()
  await zc.close()
})

test('two streams at once, and one that stops early', async () => {
  const zc = await kernel.zcrx.open()
  const [one, two] = [await pair(), await pair()]
  const sent = pattern(300_000)
  one.far.end(sent)
  two.far.end(sent)
  let seen = 0
  const early = (async () => {
    for await (const view of zc.read({ fd: two.fd })) {
      seen += view.length
      if (seen > 10_000) break
    }
  })()
  expect(Buffer.compare(await read(zc, one.fd, sent.length), sent)).toBe(0)
  await early
  expect(seen).toBeGreaterThan(10_000)
  for (const each of [one, two]) each.close()
  await zc.close()
})

test('what cannot be received from says why in the last completion', async () => {
  const zc = await kernel.zcrx.open()
  await expect(read(zc, 0, 1)).rejects.toEqual(refusal('ENOTSOCK'))
  await expect(read(zc, 9999, 1)).rejects.toEqual(refusal('EBADF'))
  await zc.close()
})

test('events are told once, until they are wanted again', async () => {
  const zc = await kernel.zcrx.open()
  expect(() => zc.arm('copy')).toThrow(KernelError)
  const connection = await pair()
  connection.far.write(pattern(1000))
  const told: string[] = []
  const stream = zc.receive({ fd: connection.fd })
  const lengths: number[] = []
  const visitor = {
    data: (number: number, offset: number, length: number): void => {
      expect(number).toBe(stream)
      lengths.push(length)
      zc.giveBack(offset)
    },
    end: (): void => undefined,
    event: (event: string): void => void told.push(event),
  }
  const until = performance.now() + 10_000
  while ((lengths.length === 0 || told.length === 0) && performance.now() < until) {
    await zc.wait(100)
    zc.poll(visitor)
  }
  expect({ told, lengths }).toEqual({ told: ['copy'], lengths: [1000] })
  zc.arm('copy')
  connection.close()
  await zc.close()
})

test('a queue of a device in another namespace is looked up there', async () => {
  const place = `zcrx-${process.pid}`
  await kernel.namespaces.create(place)
  await kernel.devices.add({ kind: 'netkit', name: 'nk0', in: place, numRxQueues: 2, data: { pairing: 'single' } })
  await expect(kernel.zcrx.open({ device: 'nk0', queue: 1, in: place })).rejects.toEqual(refusal('EOPNOTSUPP'))
  await expect(kernel.zcrx.open({ device: 'lo', queue: 7 })).rejects.toEqual(refusal('EOPNOTSUPP'))
  await kernel.namespaces.remove(place)
})
