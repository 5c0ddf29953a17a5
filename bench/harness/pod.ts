import { embedded } from '@netkit/kernel'
import { connect, type Kernel, type TcpConnection } from 'netkit'

/** Address of the pod, and the port whose segments the NIC puts into the leased queue. */
const POD = '10.1.0.2'
export const LEASED_PORT = 7000
export const OTHER_PORT = 7001
const MTU = 9000
const LEASED_QUEUE = 3

/**
 * A host with a NIC, a pod behind a netkit pair, and a machine `far` at the other end of the NIC's cable. The NIC splits headers from
 * payload; its last queue is leased to the single device `nk2` in the pod.
 */
export async function makePod(): Promise<Kernel> {
  const kernel = await connect(embedded())
  for (const name of ['pod', 'far']) await kernel.namespaces.create(name)
  const near = await kernel.nics.add({ name: 'eth0', queues: LEASED_QUEUE + 1 })
  await kernel.nics.add({ name: 'eth0', in: 'far', wire: { kind: 'nic', id: near.id } })
  await kernel.devices.addPair({ kind: 'netkit', name: 'nk0', peer: { name: 'nk1', namespace: 'pod' } })
  for (const [device, where, address] of [
    ['eth0', undefined, '10.9.0.1/24'],
    ['eth0', 'far', '10.9.0.2/24'],
    ['nk0', undefined, '10.1.0.1/24'],
    ['nk1', 'pod', `${POD}/24`],
  ] as const) {
    await kernel.devices.set(device, { mtu: MTU, up: true }, { in: where })
    await kernel.addresses.add(device, { address, in: where })
  }
  await kernel.sysctl.set('net.ipv4.ip_forward', 1)
  await kernel.routes.add({ dst: '10.1.0.0/24', via: '10.9.0.1', in: 'far' })
  await kernel.routes.add({ dst: '10.9.0.0/24', via: '10.1.0.1', in: 'pod' })
  await lease(kernel)
  return kernel
}

async function lease(kernel: Kernel): Promise<void> {
  await kernel.ethtool.rings.set('eth0', { tcpDataSplit: 'enabled', hdsThresh: 0 })
  const match = { dstIp: POD, dstPort: LEASED_PORT }
  // What no rule sends there must not come to the leased queue: other sockets could not read it.
  const { indir = [] } = await kernel.ethtool.rss.get('eth0')
  await kernel.ethtool.rss.set('eth0', { indir: indir.map((_, n) => n % LEASED_QUEUE) })
  await kernel.ethtool.rules.add('eth0', { flow: 'tcp4', match, action: { queue: LEASED_QUEUE } })
  await kernel.devices.add({ kind: 'netkit', name: 'nk2', in: 'pod', numRxQueues: 2, data: { pairing: 'single' } })
  await kernel.devices.set('nk2', { up: true }, { in: 'pod' })
  await kernel.leases.add({ lessee: { device: 'nk2', in: 'pod' }, lessor: { device: 'eth0' }, queue: LEASED_QUEUE })
}

/** A connection from far away into the pod: what the pod has of it, and what is far. Small pieces leave at once. */
export async function connectPod(kernel: Kernel, port: number): Promise<{ near: TcpConnection; far: TcpConnection }> {
  const listener = await kernel.tcp.listen({ in: 'pod', port })
  const accepting = listener.accept()
  const far = await kernel.tcp.connect({ address: POD, port }, { in: 'far' })
  const near = await accepting
  await far.setNoDelay()
  return { near, far }
}
