import type { Kernel, UdpSocket } from 'netkit'
import { decodeDhcp, encodeDhcp } from './message.ts'

const SERVER_PORT = 67
const CLIENT_PORT = 68
const ANY = '0.0.0.0'
const EVERYBODY = '255.255.255.255'
const FROM_CLIENT = 1

export interface RelayOptions {
  readonly in: string
  /** The device that clients are on, and the relay's address there, by which the server finds back. */
  readonly clients: string
  readonly address: string
  /** The device that leads to the server, and the server's address. */
  readonly uplink: string
  readonly server: string
}

/** A DHCP relay in a pod, by sockets of its namespace: what clients broadcast goes to a server elsewhere, and back. Source: RFC 1542 §4. */
export async function startRelay(kernel: Kernel, options: RelayOptions): Promise<AsyncDisposable> {
  const { clients, address, uplink, server } = options
  const open = (device: string, broadcast: boolean) =>
    kernel.udp({ in: options.in, device, broadcast, bind: { address: ANY, port: SERVER_PORT } })
  const down = await open(clients, true)
  const up = await open(uplink, false)
  const done = [
    forward(down, async (data) => {
      const message = decodeDhcp(data)
      if (message?.op !== FROM_CLIENT) return
      const relayed = encodeDhcp({ ...message, hops: (message.hops ?? 0) + 1, giaddr: address })
      await up.send(relayed, { address: server, port: SERVER_PORT })
    }),
    forward(up, async (data) => {
      if (decodeDhcp(data)?.op === FROM_CLIENT) return
      await down.send(data, { address: EVERYBODY, port: CLIENT_PORT })
    }),
  ]
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all([down.close(), up.close()])
      await Promise.all(done)
    },
  }
}

async function forward(socket: UdpSocket, take: (data: Uint8Array) => Promise<void>): Promise<void> {
  for await (const { data } of socket.receive()) await take(data)
}
