import { AF_INET, AF_INET6, type StreamHandle } from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { Network } from '../testing/network.ts'
import { openDoors } from './open.ts'

const name = (host: number, port: number): Uint8Array =>
  Uint8Array.of(2, 0, port >> 8, port, 10, 0, 0, host, 0, 0, 0, 0, 0, 0, 0, 0)
const name6 = (host: number, port: number): Uint8Array => {
  const bytes = new Uint8Array(28)
  bytes.set([10, 0, port >> 8, port])
  bytes.set([0xfd, 0], 8)
  bytes[23] = host
  return bytes
}

const lab = (kind = 'netkit-l3') => {
  const net = new Network()
  const { ns: a } = net.namespace()
  const { ns: b } = net.namespace()
  const [here, there] = net.pair(a, b, { kind })
  net.address(here, '10.0.0.1/24')
  net.address(there, '10.0.0.2/24')
  net.address(here, 'fd00::1/64')
  net.address(there, 'fd00::2/64')
  const doors = (ns: typeof a) => openDoors(net.kernel, net.kernel.createProcess({ ns }))
  return { net, a: doors(a).streams!, b: doors(b).streams! }
}

/** Everything until the other side ends. */
async function readAll(stream: StreamHandle, most = 65_536): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (let part = await stream.recv(most); part.length > 0; part = await stream.recv(most)) parts.push(part)
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** A comparison whose failure does not print millions of bytes. */
const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])

const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff)

describe.each([
  ['netkit-l3', AF_INET, name],
  ['netkit-l2', AF_INET6, name6],
  ['veth', AF_INET, name],
] as const)('streams over %s (family %i)', (kind, family, address) => {
  it('carries bytes both ways and ends', async () => {
    const { net, a, b } = lab(kind)
    const server = await b.socket(family, 0)
    await server.bind(address(2, 7))
    await server.listen(1)
    const client = await a.socket(family, 6)
    const accepting = server.accept()
    await client.connect(address(2, 7))
    const peer = await accepting
    expect(await client.getpeername()).toEqual(address(2, 7))
    expect(await peer.getpeername()).toEqual(await client.getsockname())
    const data = pattern(3_000_000)
    const reading = readAll(peer)
    expect(await client.send(data)).toBe(data.length)
    await client.shutdown(1)
    expect(same(await reading, data)).toBe(true)
    const back = readAll(client)
    await peer.send(pattern(100_000))
    await peer.close()
    expect(same(await back, pattern(100_000))).toBe(true)
    await client.close()
    await server.close()
    expect(net.inUse).toBe(0)
    expect(net.kernel.stack.tcp.context.sockets.size).toBeLessThanOrEqual(1)
  })
})
