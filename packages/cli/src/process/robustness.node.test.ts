import { NETLINK_ROUTE, RTNLGRP_LINK } from '@netkit/netlink'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestKernel } from './testing/kernel-process.ts'
import { RawClient } from './testing/raw-client.ts'
import { ask, deleteLink, dumpLinks, linkNames, newPair, setUp } from './testing/requests.ts'
import { encodeJson, FRAME, frame } from './wire/frames.ts'

const MB = 1024 * 1024
let kernel: TestKernel

beforeAll(async () => {
  kernel = new TestKernel()
  await kernel.control.start()
})
afterAll(() => kernel[Symbol.asyncDispose]())

const pid = async () => (await kernel.control.status())?.pid
const memory = async () => (await kernel.control.status())!.memory

test('garbage closes the connection that it came from, and no other', async () => {
  const before = await pid()
  await using client = await kernel.connect()
  const socket = await client.netlink({ protocol: NETLINK_ROUTE })
  const hello = (door: unknown, more: object = {}) => frame(FRAME.hello, 0, encodeJson({ netkit: 1, door, ...more }))
  const begins = fc.constantFrom(
    new Uint8Array(0),
    hello('netlink', { netlink: { protocol: 0 } }),
    hello('netlink', { netlink: { protocol: 16, namespace: { fd: 3 } } }),
    hello('calls'),
    hello('capture'),
    hello('nothing'),
    hello('netlink', { netlink: { protocol: 'route' }, session: '/' }),
    frame(FRAME.hello, 0, new Uint8Array([0xff, 0xfe])),
    frame(FRAME.call, 1, encodeJson({ call: 'namespaces.list' })),
  )
  const frames = fc
    .record({
      type: fc.integer({ min: 0, max: 12 }),
      tag: fc.nat({ max: 3 }),
      payload: fc.uint8Array({ maxLength: 200 }),
    })
    .map((f) => frame(f.type, f.tag, f.payload))
  const calls = fc
    .tuple(
      fc.constantFrom('namespaces.open', 'namespaces.close', 'hardware.connectWire', 'join', '__proto__', 'toString'),
      fc.dictionary(fc.string(), fc.jsonValue()),
    )
    .map(([call, args]) => frame(FRAME.call, 1, encodeJson({ ...args, call })))
  const rest = fc.array(fc.oneof(frames, calls, fc.uint8Array({ maxLength: 100 })), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(begins, rest, async (begin, bytes) => {
      const raw = new RawClient(kernel.paths.socket)
      raw.write(Buffer.concat([begin, ...bytes]))
      raw.socket.end()
      await raw.closed
    }),
    { numRuns: 300 },
  )
  expect(linkNames((await ask(socket, dumpLinks())).datagrams)).toContain('lo')
  expect(await pid()).toBe(before)
})

test('a frame longer than allowed closes its connection before it has come', async () => {
  const raw = new RawClient(kernel.paths.socket)
  raw.hello({ door: 'calls' })
  const header = new Uint8Array(8)
  new DataView(header.buffer).setUint32(0, 0x7fff_ffff, true)
  raw.write(header)
  expect((await raw.frame((f) => f.type === FRAME.error)).tag).toBe(0)
  await raw.closed
})

test('10,000 clients come, some together, some one after the other, and nothing of them stays', async () => {
  const before = await memory()
  for (let round = 0; round < 20; round++) {
    const clients = Array.from({ length: 500 }, () => new RawClient(kernel.paths.socket))
    for (const client of clients) client.hello({ door: 'netlink', netlink: { protocol: NETLINK_ROUTE } })
    const welcomed = await Promise.all(
      clients.map((client) =>
        client
          .frame((f) => f.type === FRAME.welcome)
          .then(
            () => true,
            () => false,
          ),
      ),
    )
    expect(welcomed.filter(Boolean).length).toBe(clients.length)
    for (const client of clients) client.destroy()
    await Promise.all(clients.map((client) => client.closed))
  }
  const status = (await kernel.control.status())!
  expect(status.clients).toBeLessThan(20)
  expect(status.memory - before).toBeLessThan(150 * MB)
})

test('clients that die in the middle of a request leave nothing behind', async () => {
  const request = frame(FRAME.datagram, 1, newPair('half0'))
  for (const cut of [1, 7, 8, 9, 20, request.length - 1]) {
    const raw = new RawClient(kernel.paths.socket)
    raw.hello({ door: 'netlink', netlink: { protocol: NETLINK_ROUTE } })
    raw.write(request.subarray(0, cut))
    await raw.frame((f) => f.type === FRAME.welcome)
    raw.destroy()
    await raw.closed
  }
  for (let i = 0; i < 50; i++) {
    const raw = new RawClient(kernel.paths.socket)
    raw.hello({ door: 'netlink', netlink: { protocol: NETLINK_ROUTE } })
    for (let n = 0; n < 5; n++) raw.send(FRAME.datagram, 0, dumpLinks())
    await raw.connected
    raw.destroy()
  }
  await using client = await kernel.connect()
  const socket = await client.netlink({ protocol: NETLINK_ROUTE })
  expect(linkNames((await ask(socket, dumpLinks())).datagrams)).toEqual(['lo'])
})

test('a reader that never reads loses messages and costs bounded memory; others are not held up', async () => {
  const lazy = new RawClient(kernel.paths.socket)
  lazy.hello({ door: 'netlink', netlink: { protocol: NETLINK_ROUTE } })
  await lazy.frame((f) => f.type === FRAME.welcome)
  lazy.call(1, 'join', { group: RTNLGRP_LINK })
  await lazy.frame((f) => f.type === FRAME.result && f.tag === 1)
  lazy.socket.pause()

  await using client = await kernel.connect()
  const socket = await client.netlink({ protocol: NETLINK_ROUTE })
  await ask(socket, newPair('busy0'))
  const flap = async (times: number) => {
    for (let i = 0; i < times; i++) await ask(socket, setUp('busy0', i % 2 === 0))
  }
  await flap(1000)
  const before = await memory()
  await flap(3000)
  expect((await memory()) - before).toBeLessThan(40 * MB)

  const seen = lazy.frames.length
  lazy.socket.resume()
  await lazy.frame((f) => f.type === FRAME.lost)
  const bytes = lazy.frames.slice(seen).reduce((sum, f) => sum + f.payload.length, 0)
  expect(bytes).toBeLessThan(2 * MB)
  await ask(socket, deleteLink('busy0'))
  lazy.destroy()
})

test('a client that asks and asks and never reads is answered no more than fits', async () => {
  const before = await memory()
  const raw = new RawClient(kernel.paths.socket)
  raw.hello({ door: 'calls' })
  await raw.frame((f) => f.type === FRAME.welcome)
  raw.socket.pause()
  const call = frame(FRAME.call, 1, encodeJson({ call: 'kernel.status' }))
  const many = Buffer.concat(Array.from({ length: 1000 }, () => call))
  for (let i = 0; i < 500; i++) raw.write(many)
  await using client = await kernel.connect()
  for (let i = 0; i < 20; i++) await client.namespaces.list()
  // Its questions wait on its own side. All answers would take some 200 MB.
  expect(raw.socket.writableLength).toBeGreaterThan(5 * MB)
  expect((await memory()) - before).toBeLessThan(100 * MB)
  raw.destroy()
  await raw.closed
})

test('a dump larger than the receive buffer comes whole to one who reads late', async () => {
  await using client = await kernel.connect()
  const socket = await client.netlink({ protocol: NETLINK_ROUTE })
  for (let i = 0; i < 400; i++) await ask(socket, newPair(`big${i}`))
  await socket.send(dumpLinks())
  await new Promise((resolve) => setTimeout(resolve, 300))
  const datagrams: Uint8Array[] = []
  for await (const { bytes } of socket.receive()) {
    if (new DataView(bytes.buffer, bytes.byteOffset).getUint16(4, true) === 3) break
    datagrams.push(bytes)
  }
  expect(linkNames(datagrams).length).toBe(801)
  // However fast they are taken off: writes that are done at once tell so in another way than those that are not.
  for (let i = 0; i < 60; i++) expect(linkNames((await ask(socket, dumpLinks())).datagrams).length).toBe(801)
  for (let i = 0; i < 400; i++) await ask(socket, deleteLink(`big${i}`))
})
