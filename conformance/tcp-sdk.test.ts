import { embedded } from '@netkit/kernel'
import { connect, type Kernel } from 'netkit'
import { afterEach, beforeEach, expect, test } from 'vitest'

let kernel: Kernel

beforeEach(async () => {
  kernel = await connect(embedded())
  await kernel.namespaces.create('pod')
  await kernel.devices.addPair({ name: 'nk0', peer: { name: 'nk1', namespace: 'pod' } })
  await kernel.addresses.add('nk0', { address: '10.1.0.1/24' })
  await kernel.addresses.add('nk1', { address: '10.1.0.2/24', in: 'pod' })
  await kernel.devices.set('nk0', { up: true })
  await kernel.devices.set('nk1', { up: true }, { in: 'pod' })
})
afterEach(() => kernel.close())

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)
const bytes = (line: string): Uint8Array => new TextEncoder().encode(line)

test('a server of one namespace answers a client of another', async () => {
  await using server = await kernel.tcp.listen({ in: 'pod', port: 8080 })
  const serving = (async () => {
    for await (const connection of server) {
      const parts: string[] = []
      for await (const part of connection) parts.push(text(part))
      await connection.write(bytes(`you said ${parts.join('')}`))
      await connection.close()
    }
  })()
  await using client = await kernel.tcp.connect({ address: '10.1.0.2', port: 8080 })
  expect(await client.peer()).toEqual({ address: '10.1.0.2', port: 8080 })
  await client.write(bytes('hello'))
  await client.end()
  expect(text(await client.read())).toBe('you said hello')
  expect(await client.read()).toBeUndefined()
  expect(await client.status()).toMatchObject({ congestionControl: 'cubic', bytesReceived: 14, retransmissions: 0 })
  await server.close()
  await serving
})

test('streams of the web carry megabytes', async () => {
  await using server = await kernel.tcp.listen({ in: 'pod' })
  const { port } = await server.address()
  const accepting = server.accept()
  await using client = await kernel.tcp.connect({ address: '10.1.0.2', port })
  await using peer = await accepting
  const data = Uint8Array.from({ length: 2_000_000 }, (_, i) => i >> 4)
  const sending = new Blob([data]).stream().pipeTo(client.writable)
  const received = new Uint8Array(await new Response(peer.readable).arrayBuffer())
  await sending
  expect(received.length).toBe(data.length)
  expect(received.every((byte, i) => byte === data[i])).toBe(true)
})

test('says what is wrong as Linux does', async () => {
  await expect(kernel.tcp.connect({ address: '10.1.0.2', port: 9 })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await expect(kernel.tcp.connect({ address: '10.9.0.1', port: 9 })).rejects.toMatchObject({ code: 'ENETUNREACH' })
  await using server = await kernel.tcp.listen({ in: 'pod', port: 8080 })
  await expect(kernel.tcp.listen({ in: 'pod', port: 8080 })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await expect(kernel.tcp.listen({ address: '10.1.0.2' })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
  await expect(kernel.tcp.connect({ address: 'nowhere', port: 9 })).rejects.toThrow('to.address')
  const accepting = server.accept()
  await using client = await kernel.tcp.connect({ address: '10.1.0.2', port: 8080 })
  const peer = await accepting
  await client.write(bytes('unread'))
  await peer.close()
  await expect(client.read()).rejects.toMatchObject({ code: 'ECONNRESET' })
  await expect(client.write(bytes('more'))).rejects.toMatchObject({ code: 'EPIPE' })
})

test('a signal ends waiting, and a namespace that goes ends its connections', async () => {
  await using server = await kernel.tcp.listen({ in: 'pod', port: 8080 })
  await expect(server.accept({ signal: AbortSignal.timeout(5) })).rejects.toMatchObject({ name: 'TimeoutError' })
  const accepting = server.accept()
  await using client = await kernel.tcp.connect({ address: '10.1.0.2', port: 8080 })
  await using peer = await accepting
  const reading = peer.read()
  const refused = expect(reading).rejects.toMatchObject({ code: 'ENETDOWN' })
  await kernel.namespaces.remove('pod')
  await refused
  await expect(client.read(1, { signal: AbortSignal.timeout(5) })).rejects.toMatchObject({ name: 'TimeoutError' })
})
