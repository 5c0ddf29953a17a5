import type { NicInfo, WireOptions } from '@netkit/netlink'
import type { Kernel, XskSocket } from 'netkit'
import { attachPrograms } from './programs.ts'
import { startRelay } from './relay.ts'

export const POD = 'pod'
/** The pod's addresses: towards the virtual machine, and towards the server. */
export const ADDRESS = '10.9.0.1'
export const UPLINK = '10.8.0.1'
export const SERVER = '10.8.0.2'
/** Hardware address of the virtual machine, whose device the application is. */
export const MACHINE = Uint8Array.of(2, 0, 0, 0, 0, 0x42)

/** What there is for as long as it is not disposed of. */
export interface Pod extends AsyncDisposable {
  /** The application's: of a virtual machine monitor, say. */
  readonly socket: XskSocket
  /** The NIC that leads to the server. */
  readonly uplink: NicInfo
}

/**
 * A pod with a single device, nk0, that leases a queue of the host's NIC for an AF_XDP application, and with another way out to a DHCP server:
 *
 *     application ─ AF_XDP ─ nk0 ─ programs ─ relay (UDP sockets of the pod) ─ up0 ─ `uplink` ─ server
 *                      └──── queue of eth0 ─ `wire`
 */
export async function makePod(kernel: Kernel, wire: WireOptions, uplink: WireOptions): Promise<Pod> {
  await kernel.namespaces.create(POD)
  const eth0 = await kernel.nics.add({ name: 'eth0', wire })
  const up0 = await kernel.nics.add({ name: 'up0', in: POD, wire: uplink })
  await kernel.devices.set('eth0', { up: true })
  await kernel.devices.set('up0', { up: true }, { in: POD })
  // With addresses of Ethernet: else the pod would send everything to itself.
  await kernel.leases.addDevice({
    name: 'nk0',
    in: POD,
    up: true,
    data: { mode: 'l2' },
    lessor: { device: 'eth0', queues: [0] },
  })
  await kernel.addresses.add('nk0', { address: `${ADDRESS}/24`, in: POD })
  await kernel.addresses.add('up0', { address: `${UPLINK}/24`, in: POD })
  const socket = await kernel.xsk.open({ device: 'nk0', queue: 1, mode: 'zero-copy', in: POD })
  const sockets = await kernel.bpf.createMap({ type: 'xskmap', keySize: 4, valueSize: 4, maxEntries: 1 })
  await sockets.update(0, socket.fd)
  await attachPrograms(kernel, { device: 'nk0', in: POD }, sockets, MACHINE)
  const relay = await startRelay(kernel, { in: POD, clients: 'nk0', address: ADDRESS, uplink: 'up0', server: SERVER })
  return {
    socket,
    uplink: up0,
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]()
      socket.close()
      await sockets.close()
      for (const { id } of [up0, eth0]) await kernel.nics.remove(id)
    },
  }
}
