import { errno } from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { COPY } from '../packet/copy-reason.ts'
import { bytesOf } from '../packet/edit.ts'
import { PKT_DATA, PKT_SHIFT, PKT_TRANSPORT } from '../packet/fields.ts'
import { mapped, Network } from '../testing/network.ts'
import { sendFrom } from './transport/send.ts'
import type { DatagramSocket } from './transport/socket.ts'

const text = new TextEncoder()

/** What waits first in a socket, as bytes from the transport header on. */
function take(net: Network, socket: DatagramSocket): Uint8Array | undefined {
  const { packets } = net.kernel.path
  const handle = socket.shift(packets)
  if (handle < 0) return undefined
  const offset =
    packets.fields[(handle << PKT_SHIFT) + PKT_TRANSPORT] - packets.fields[(handle << PKT_SHIFT) + PKT_DATA]
  const bytes = bytesOf(packets, handle, COPY.userOut).slice(offset)
  packets.free(handle)
  return bytes
}

const echo = (v6: boolean, payload: string): Uint8Array =>
  Uint8Array.of(v6 ? 128 : 8, 0, 0, 0, 0, 0, 0, 1, ...text.encode(payload))

describe.each(['netkit-l3', 'netkit-l2', 'veth'])('two namespaces joined by %s', (kind) => {
  const make = () => {
    const net = new Network()
    const { ns: a } = net.namespace()
    const { ns: b } = net.namespace()
    const [here, there] = net.pair(a, b, { kind })
    net.address(here, '10.0.0.1/24')
    net.address(there, '10.0.0.2/24')
    net.address(here, 'fd00::1/64')
    net.address(there, 'fd00::2/64')
    return { net, a, b, here, there, stack: net.kernel.stack.stack, sockets: net.kernel.stack.sockets }
  }

  it.each([
    ['10.0.0.2', false],
    ['fd00::2', true],
  ])('echoes %s', (address, v6) => {
    const { net, a, stack, sockets } = make()
    const socket = sockets.open(a, v6, true, 0)
    expect(sockets.tableOf(socket).bind(socket, 0)).toBe(0)
    expect(sendFrom(stack, socket, echo(v6, 'hello'), mapped(address), 0, 0)).toBe(13)
    stack.flush()
    const answer = take(net, socket)
    expect(answer?.[0]).toBe(v6 ? 129 : 0)
    expect(new TextDecoder().decode(answer?.subarray(8))).toBe('hello')
    expect(net.inUse).toBe(0)
  })

  it.each([
    ['10.0.0.2', false],
    ['fd00::2', true],
  ])('carries datagrams to %s, and says where nobody listens', (address, v6) => {
    const { net, a, b, stack, sockets } = make()
    const client = sockets.open(a, v6, false, 0)
    const server = sockets.open(b, v6, false, 0)
    expect(sockets.udp.bind(client, 0)).toBe(0)
    expect(sockets.udp.bind(server, 7)).toBe(0)
    expect(sendFrom(stack, client, text.encode('datagram'), mapped(address), 0, 7)).toBe(8)
    stack.flush()
    expect(new TextDecoder().decode(take(net, server)?.subarray(8))).toBe('datagram')

    client.remote.set(mapped(address))
    client.remotePort = 9
    client.connected = true
    expect(sendFrom(stack, client, text.encode('nobody'), mapped(address), 0, 9)).toBe(6)
    stack.flush()
    expect(client.takeError()).toBe(errno.ECONNREFUSED)
    expect(net.inUse).toBe(0)
  })

  it.each([
    ['10.0.0.2', false],
    ['fd00::2', true],
  ])('carries datagrams to %s that are longer than the link takes', (address, v6) => {
    const { net, a, b, stack, sockets } = make()
    const client = sockets.open(a, v6, false, 0)
    const server = sockets.open(b, v6, false, 0)
    sockets.udp.bind(client, 0)
    sockets.udp.bind(server, 7)
    const long = Uint8Array.from({ length: 40_000 }, (_, i) => i * 7)
    expect(sendFrom(stack, client, long, mapped(address), 0, 7)).toBe(40_000)
    stack.flush()
    expect(take(net, server)?.subarray(8)).toEqual(long)
    expect(net.inUse).toBe(0)
  })
})
