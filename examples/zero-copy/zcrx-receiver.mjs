// A pod receives a stream of TCP by io_uring without a copy, from a NIC's queue that is leased to it. All of it in one process, without
// root: node examples/zero-copy/zcrx-receiver.mjs (after npm run build)
import { embedded } from '@netkit/kernel'
import { connect } from 'netkit'
import { receive, tell } from './zcrx-application.mjs'

const AF_INET = 2
const PORT = 7000
const TOTAL = 16 * 1024 * 1024

const inet = (address, port) =>
  Uint8Array.of(AF_INET, 0, port >> 8, port & 0xff, ...address.split('.').map(Number), 0, 0, 0, 0, 0, 0, 0, 0)

const kernel = await connect(embedded())

// A host with a NIC, a pod behind a netkit pair, and a machine far away at the other end of the NIC's cable.
for (const name of ['pod', 'far']) await kernel.namespaces.create(name)
const nic = await kernel.nics.add({ name: 'eth0', queues: 4 })
await kernel.nics.add({ name: 'eth0', in: 'far', wire: { kind: 'nic', id: nic.id } })
await kernel.devices.addPair({ kind: 'netkit', name: 'nk0', peer: { name: 'nk1', namespace: 'pod' } })
await kernel.devices.add({
  kind: 'netkit',
  name: 'nk2',
  in: 'pod',
  numRxQueues: 2,
  data: { pairing: 'single' },
})
for (const [device, where, address] of [
  ['eth0', undefined, '10.9.0.1/24'],
  ['eth0', 'far', '10.9.0.2/24'],
  ['nk0', undefined, '10.1.0.1/24'],
  ['nk1', 'pod', '10.1.0.2/24'],
]) {
  await kernel.devices.set(device, { up: true }, { in: where })
  await kernel.addresses.add(device, { address, in: where })
}
await kernel.devices.set('nk2', { up: true }, { in: 'pod' })
await kernel.sysctl.set('net.ipv4.ip_forward', 1)
await kernel.routes.add({ dst: '10.1.0.0/24', via: '10.9.0.1', in: 'far' })
await kernel.routes.add({ dst: '10.9.0.0/24', via: '10.1.0.1', in: 'pod' })

// The NIC splits headers from payload and sends the pod's flow to its last queue, which is leased to the single device.
await kernel.ethtool.rings.set('eth0', { tcpDataSplit: 'enabled', hdsThresh: 0 })
await kernel.ethtool.rules.add('eth0', {
  flow: 'tcp4',
  match: { dstIp: '10.1.0.2', dstPort: PORT },
  action: { queue: 3 },
})
await kernel.leases.add({ lessee: { device: 'nk2', in: 'pod' }, lessor: { device: 'eth0' }, queue: 3 })

// The application in the pod accepts a connection once its area is there, from a client far away.
const { streams, namespaces } = kernel.doors
const listener = await streams.socket(AF_INET, 0, await namespaces.open({ name: 'pod' }))
await listener.bind(inet('0.0.0.0', PORT))
await listener.listen(1)
const client = await streams.socket(AF_INET, 0, await namespaces.open({ name: 'far' }))
const connected = async () => {
  const accepting = listener.accept()
  await client.connect(inet('10.1.0.2', PORT))
  client.send(new Uint8Array(TOTAL).fill(42)).then(() => client.shutdown(1))
  return accepting
}
tell(await receive(kernel, { device: 'nk2', queue: 1, in: 'pod' }, connected))
await kernel.close()
process.exit(0)
