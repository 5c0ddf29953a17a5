import { embedded, simulatedWorld } from '@netkit/kernel'
import { connect, type Kernel, type PingEvent, type UdpDatagram } from 'netkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestKernel } from './testing/kernel-process.ts'

let process: TestKernel
const inside = embedded({ world: simulatedWorld() })

beforeAll(() => {
  process = new TestKernel()
})
afterAll(() => process[Symbol.asyncDispose]())

describe.each([
  ['in this process', () => connect(inside)],
  ['in a process of its own', () => connect(() => process.connect())],
])('sockets of an embedded kernel %s', (_, client) => {
  let kernel: Kernel

  beforeAll(async () => {
    kernel = await client()
    await kernel.namespaces.create('pod')
    await kernel.devices.addPair({ name: 'nk0', up: true, peer: { name: 'eth0', namespace: 'pod', up: true } })
    await kernel.addresses.add('nk0', { address: '10.0.0.1/24' })
    await kernel.addresses.add('eth0', { address: '10.0.0.2/24', in: 'pod' })
    await kernel.addresses.add('nk0', { address: 'fd00::1/64', nodad: true })
    await kernel.addresses.add('eth0', { address: 'fd00::2/64', nodad: true, in: 'pod' })
  })
  afterAll(() => kernel.close())

  test('carry datagrams, and tell the sender', async () => {
    await using server = await kernel.udp({ in: 'pod', bind: { address: '10.0.0.2', port: 7 } })
    await using one = await kernel.udp({ connect: { address: '10.0.0.2', port: 7 } })
    expect(await server.address()).toEqual({ address: '10.0.0.2', port: 7 })
    for (const n of [1, 2, 3]) expect(await one.send(Uint8Array.of(n))).toBe(1)
    const seen: UdpDatagram[] = []
    for await (const datagram of server.receive()) if (seen.push(datagram) === 2) break
    // What a loop left is there for the next.
    for await (const datagram of server.receive()) if (seen.push(datagram) === 3) break
    expect(seen.map(({ data }) => [...data])).toEqual([[1], [2], [3]])
    const { port } = await one.address()
    expect(seen[0]).toMatchObject({ from: { address: '10.0.0.1', port }, ttl: 64 })
    await server.send(Uint8Array.of(4), seen[0].from)
    const { value } = await one.receive().next()
    expect(value).toMatchObject({ from: { address: '10.0.0.2', port: 7 } })
  })

  test('of IPv6 speak both', async () => {
    await using server = await kernel.udp({ in: 'pod', family: 'inet6', bind: { address: '::', port: 8 } })
    await using six = await kernel.udp({ family: 'inet6' })
    await using four = await kernel.udp({ device: 'nk0' })
    await six.send(Uint8Array.of(6), { address: 'fd00::2', port: 8 })
    await four.send(Uint8Array.of(4), { address: '10.0.0.2', port: 8 })
    const from: string[] = []
    for await (const datagram of server.receive()) if (from.push(datagram.from.address) === 2) break
    expect(from).toEqual(['fd00::1', '10.0.0.1'])
  })

  test('say that nobody listens, and end when they are closed or told to', async () => {
    await using socket = await kernel.udp({ connect: { address: '10.0.0.2', port: 9 } })
    await socket.send(Uint8Array.of(1))
    await expect(socket.receive().next()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const stop = new AbortController()
    const stopped = socket.receive({ signal: stop.signal }).next()
    setTimeout(() => stop.abort(), 20)
    expect(await stopped).toEqual({ done: true, value: undefined })
    const closed = socket.receive().next()
    setTimeout(() => socket.close(), 20)
    expect(await closed).toEqual({ done: true, value: undefined })
  })

  test('are refused what the kernel and the SDK refuse', async () => {
    await using socket = await kernel.udp()
    const to = { address: '10.0.0.255', port: 9 }
    await expect(socket.send(Uint8Array.of(1), to)).rejects.toMatchObject({ code: 'EACCES' })
    await expect(socket.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'EDESTADDRREQ' })
    await expect(kernel.udp({ bind: { address: '10.0.0.9', port: 1 } })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    })
    await expect(socket.send(Uint8Array.of(1), { address: '10.0.0.2', port: -1 })).rejects.toThrow(
      'send: to.port must be an integer from 0 to 65535, not -1',
    )
    await using wide = await kernel.udp({ broadcast: true })
    expect(await wide.send(Uint8Array.of(1), to)).toBe(1)
  })

  test('carry echoes', async () => {
    const events: PingEvent[] = []
    for await (const event of kernel.ping('10.0.0.2', { count: 3, interval: 5, size: 100 })) events.push(event)
    expect(events).toEqual(
      [1, 2, 3].map((sequence) => ({
        type: 'reply',
        sequence,
        from: '10.0.0.2',
        bytes: 108,
        ttl: 64,
        rtt: expect.any(Number),
        duplicate: false,
      })),
    )
    const six = kernel.ping('fd00::1', { in: 'pod', device: 'eth0' })
    for await (const event of six) {
      expect(event).toMatchObject({ type: 'reply', from: 'fd00::1' })
      break
    }
    expect(six.sent).toBe(1)
    const nowhere = kernel.ping('10.9.0.1')[Symbol.asyncIterator]()
    await expect(nowhere.next()).rejects.toMatchObject({ code: 'ENETUNREACH', op: 'ping 10.9.0.1' })
    expect(() => kernel.ping('10.0.0.2', { size: 70_000 })).toThrow('size must be')
  })
})

test('sockets are closed with their session', async () => {
  const [one, other] = await Promise.all([0, 1].map(() => connect(() => process.connect())))
  const taken = await one.udp({ bind: { address: '0.0.0.0', port: 5001 } })
  expect((await taken.address()).port).toBe(5001)
  await expect(other.udp({ bind: { address: '0.0.0.0', port: 5001 } })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await one.close()
  await using again = await other.udp({ bind: { address: '0.0.0.0', port: 5001 } })
  expect((await again.address()).port).toBe(5001)
  await other.close()
})
