import { AF_INET } from '@netkit/netlink'
import { expect, it } from 'vitest'
import { Network } from '../testing/network.ts'
import { openDoors } from './open.ts'

const SOCK_DGRAM = 2
const name = (host: number, port: number): Uint8Array =>
  Uint8Array.of(2, 0, port >> 8, port, 10, 0, 0, host, 0, 0, 0, 0, 0, 0, 0, 0)

const lab = () => {
  const net = new Network()
  const { ns: a } = net.namespace()
  const { ns: b } = net.namespace()
  const [here, there] = net.pair(a, b)
  net.address(here, '10.0.0.1/24')
  net.address(there, '10.0.0.2/24')
  const doors = (ns: typeof a) => openDoors(net.kernel, net.kernel.createProcess({ ns }))
  return { net, a: doors(a), b: doors(b) }
}

it('carries datagrams both ways, and tells where nobody listens', async () => {
  const { net, a, b } = lab()
  const server = await b.inetSockets!.socket(AF_INET, SOCK_DGRAM, 17)
  await server.bind(name(2, 7))
  const client = await a.inetSockets!.socket(AF_INET, SOCK_DGRAM, 0)
  const waiting = server.receive(10)
  await client.connect(name(2, 7))
  expect(await client.sendto(Uint8Array.of(1, 2, 3))).toBe(3)
  const [datagram] = await waiting
  expect([...datagram.data]).toEqual([1, 2, 3])
  await server.sendto(Uint8Array.of(4), datagram.address)
  expect((await client.receive(1))[0]).toMatchObject({ data: Uint8Array.of(4), address: name(2, 7) })
  await expect(client.receive(1, { wait: false })).rejects.toMatchObject({ code: 'EAGAIN' })
  await server.close()
  await client.sendto(Uint8Array.of(5))
  await expect(client.receive(1)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await a.close()
  expect(net.kernel.stack.sockets.size).toBe(0)
  expect(net.inUse).toBe(0)
})

it('refuses as socket(2), bind(2) and send(2) do', async () => {
  const { a } = lab()
  const door = a.inetSockets!
  await expect(door.socket(1, SOCK_DGRAM, 0)).rejects.toMatchObject({ code: 'EAFNOSUPPORT' })
  await expect(door.socket(AF_INET, 3, 1)).rejects.toMatchObject({ code: 'ESOCKTNOSUPPORT' })
  await expect(door.socket(AF_INET, SOCK_DGRAM, 6)).rejects.toMatchObject({ code: 'EPROTONOSUPPORT' })
  const one = await door.socket(AF_INET, SOCK_DGRAM, 17)
  await expect(one.bind(name(9, 7))).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
  await one.bind(name(1, 7))
  const two = await door.socket(AF_INET, SOCK_DGRAM, 17)
  await expect(two.bind(name(1, 7))).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await expect(two.sendto(Uint8Array.of(1))).rejects.toMatchObject({ code: 'EDESTADDRREQ' })
  await expect(two.sendto(new Uint8Array(65_508), name(2, 7))).rejects.toMatchObject({ code: 'EMSGSIZE' })
  await expect(two.setsockopt(0, 999, new Uint8Array(4))).rejects.toMatchObject({ code: 'ENOPROTOOPT' })
})
