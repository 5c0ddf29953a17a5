import { embedded } from '@netkit/kernel'
import { NETDEV } from '@netkit/netlink'
import { connect, faultText, genericAttrs, InputError, type Kernel, KernelError, stepText } from 'netkit'
import { readState } from 'netkit/state'
import { afterEach, beforeEach, expect, test } from 'vitest'

// The code of docs/sdk.md: what stands between `#region` and `#endregion` is quoted there, letter by letter
// (guide-quotes.test.ts sees to that), and runs here.

let kernel: Kernel
const printed: unknown[][] = []
const print = (...what: unknown[]) => void printed.push(what)

beforeEach(async () => {
  kernel = await connect(embedded())
  printed.length = 0
})
afterEach(() => kernel.close())

/** An Ethernet frame with an IPv4 TCP segment to this port. */
function segment(port: number): Uint8Array {
  const frame = new Uint8Array(60)
  frame.set([
    0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
  ])
  frame.set([0x12, 0x34, port >> 8, port & 255], 34)
  return frame
}

test('connect', async () => {
  // #region connect
  await using kernel = await connect(embedded())
  print(kernel.kind, kernel.release, (await kernel.devices.list()).length)
  // #endregion
  expect(printed).toEqual([['embedded', '7.3', 1]])
})

test('a pair', async () => {
  // #region pair
  await kernel.namespaces.create('pod')
  const { primary, peer } = await kernel.devices.addPair({
    name: 'nk0',
    data: { mode: 'l2', policy: 'forward', peerPolicy: 'blackhole' },
    up: true,
    peer: { namespace: 'pod', name: 'eth0', mtu: 1400, up: true },
  })
  print(primary.name, primary.operstate, primary.netkit?.mode)
  print(peer.name, peer.mtu, peer.namespace)
  // #endregion
  expect(printed).toEqual([
    ['nk0', 'up', 'l2'],
    ['eth0', 1400, 'pod'],
  ])
})

test('finding devices', async () => {
  await kernel.namespaces.create('pod')
  await kernel.devices.add({ kind: 'netkit', name: 'nk0', peer: { namespace: 'pod' }, altnames: ['front-of-the-pod'] })
  // #region find
  const byName = await kernel.devices.get('nk0')
  const byAltname = await kernel.devices.get('front-of-the-pod')
  const byIndex = await kernel.devices.get(byName.ifindex)
  const nothing = await kernel.devices.find('nk7') // undefined instead of ENODEV
  const inPod = await kernel.devices.get('nk0', { in: 'pod', stats: true })
  for await (const device of kernel.devices.dump({ kind: 'netkit' })) print(device.name, device.flags)
  // #endregion
  expect([byName, byAltname, byIndex].map((d) => d.ifindex)).toEqual(new Array(3).fill(byName.ifindex))
  expect(nothing).toBeUndefined()
  expect(inPod.stats?.rxPackets).toBe(0n)
  expect(printed).toEqual([['nk0', byName.flags]])
})

test('changing devices', async () => {
  await kernel.namespaces.create('pod')
  // #region change
  const nk = await kernel.devices.add({ kind: 'netkit', name: 'nk0', peer: { name: 'nk1' } })
  await nk.set({ mtu: 9000, up: true, alias: 'to the pod' })
  await nk.change({ policy: 'blackhole' })
  await kernel.devices.addAltnames(nk, ['uplink-of-pod-7'])
  print((await nk.refresh()).mtu)

  const peer = await kernel.devices.peerOf(nk, undefined)
  const moved = await peer.move({ to: 'pod' })
  await kernel.devices.set(moved, { name: 'eth0', up: true })
  await nk.remove() // and the peer with it
  // #endregion
  expect(printed).toEqual([[9000]])
  expect(await kernel.devices.list({ in: 'pod' })).toHaveLength(1)
})

test('errors', async () => {
  // #region errors
  try {
    await kernel.devices.add({ kind: 'netkit', name: 'nk0', data: { mode: 'l2' }, mtu: 60 })
  } catch (e) {
    if (!(e instanceof KernelError)) throw e
    print(e.code, e.errno) // branch on these
    print(e.message) // show this
    print(e.op, e.extack, e.attr, e.offset, e.policy) // or put it together yourself
  }
  try {
    await kernel.devices.add({ kind: 'netkit', address: '02:00:00:00:00:01' })
  } catch (e) {
    if (e instanceof InputError) print(e.message) // nothing was sent
  }
  // #endregion
  expect(printed[0]).toEqual(['EINVAL', 22])
  expect(printed[1]).toEqual(['device add nk0: EINVAL: mtu less than device minimum'])
  expect(printed[3]).toEqual([
    "device add netkit: address cannot be given in mode l3, the default: only mode 'l2' has hardware addresses",
  ])
})

test('namespaces', async () => {
  // #region namespaces
  await kernel.namespaces.create('pod')
  {
    await using pod = await kernel.namespaces.open('pod')
    await kernel.devices.set('lo', { up: true }, { in: pod })
    for (const device of await kernel.devices.list({ in: pod })) print(device.name, device.up)
  } // closed here, so that the namespace can go

  print(await kernel.namespaces.id('pod')) // no id yet
  print(await kernel.namespaces.setId('pod', 7))
  await kernel.namespaces.remove('pod')
  // #endregion
  expect(printed).toEqual([['lo', true], [undefined], [7]])
})

test('leases', async () => {
  // #region lease
  await kernel.namespaces.create('pod')
  const nic = await kernel.nics.add({ queues: 16, name: 'eth0' })
  await kernel.devices.set('eth0', { up: true })

  const { device, leases } = await kernel.leases.addDevice({
    name: 'nk0',
    in: 'pod',
    data: { mode: 'l2' },
    up: true,
    lessor: { device: 'eth0', queues: [14, 15] },
  })
  for (const { lessor, lessee } of leases) print(lessor.name, lessor.queue, lessee.name, lessee.queue)

  for (const { lessor, lessee } of await kernel.leases.listAll()) {
    print(`${lessor.name} queue ${lessor.queue} → ${lessee.name} queue ${lessee.queue} in ${lessee.namespace.name}`)
  }
  await kernel.leases.end(device) // removes nk0: there is no other way
  await kernel.nics.remove(nic.id)
  // #endregion
  expect(printed).toEqual([
    ['eth0', 14, 'nk0', 1],
    ['eth0', 15, 'nk0', 2],
    ['eth0 queue 14 → nk0 queue 1 in pod'],
    ['eth0 queue 15 → nk0 queue 2 in pod'],
  ])
})

test('one more lease', async () => {
  await kernel.namespaces.create('pod')
  await kernel.nics.add({ queues: 16, name: 'eth0' })
  await kernel.devices.set('eth0', { up: true })
  // #region lease-one
  await kernel.devices.add({ kind: 'netkit', name: 'nk0', in: 'pod', data: { pairing: 'single' }, numRxQueues: 2 })
  const lease = await kernel.leases.add({
    lessee: { device: 'nk0', in: 'pod' },
    lessor: { device: 'eth0' },
    queue: 15,
  })
  print(lease.lessee.queue, (await kernel.queues.get('eth0', { id: 15 })).lease)
  // #endregion
  expect(printed[0][0]).toBe(1)
  expect(printed[0][1]).toMatchObject({ queue: { id: 1, type: 'rx' }, netnsId: 0 })
})

test('steering', async () => {
  // #region steering
  const nic = await kernel.nics.add({ queues: 16, name: 'eth0', wire: { kind: 'function', transmit: print } })
  await kernel.devices.set('eth0', { up: true })
  await kernel.ethtool.offloads.set('eth0', { 'rx-ntuple-filter': true })
  const place = await kernel.ethtool.rules.add('eth0', {
    flow: 'tcp4',
    match: { dstIp: '10.0.0.0/8', dstPort: 443 },
    action: { queue: 15 },
  })
  await kernel.nics.inject(nic.id, [segment(443)])
  for (const { queueType, queueId, rxPackets } of await kernel.stats.queues({ device: 'eth0' })) {
    if (queueId === 15 && queueType === 'rx') print(rxPackets)
  }
  await kernel.ethtool.rules.remove('eth0', place)
  await kernel.ethtool.channels.set('eth0', { combinedCount: 8 })
  // #endregion
  expect(printed).toEqual([[1]])
})

test('events', async () => {
  // #region events
  await using events = await kernel.events({ groups: ['link', 'netdev'] })
  await kernel.devices.add({ kind: 'dummy', name: 'd0', up: true })
  await kernel.devices.remove('d0')
  for await (const event of events) {
    if (event.type === 'newlink') print(event.created ? 'new' : 'changed', event.device.name)
    if (event.type === 'lost') print('some events were lost: look again')
    if (event.type === 'dellink') break
  }
  // #endregion
  expect(printed[0]).toEqual(['new', 'd0'])
})

test('packets', async () => {
  const chunks: Uint8Array[] = []
  await kernel.devices.addPair({ name: 'nk0', up: true, peer: { name: 'nk1', up: true } })
  // #region packets
  await using capture = await kernel.capture({ devices: ['nk1'] })
  const taken = await kernel.transmit('nk0', [segment(80), segment(443)])
  const { txPackets } = await kernel.stats.link('nk0')
  await capture.close()
  for await (const chunk of capture.read()) chunks.push(chunk) // of a pcapng file
  // #endregion
  expect([taken, txPackets]).toEqual([2, 2n])
  expect([...chunks[0].subarray(0, 4)]).toEqual([0x0a, 0x0d, 0x0d, 0x0a])
})

test('declared state', async () => {
  // #region state
  const { document, faults } = readState({
    version: 1,
    set: 'web',
    namespaces: { pod: {} },
    pairs: { nk0: { mode: 'l2', up: true, peer: { name: 'eth0', netns: 'pod', up: true } } },
  })
  if (!document) throw new Error(faults.map(faultText).join('\n'))
  const plan = await kernel.state.plan(document)
  for (const step of plan.steps) print(stepText(step))
  await kernel.state.apply(document, { prune: true, allowRecreate: true })
  print((await kernel.state.export()).document.pairs)
  // #endregion
  expect(printed[0]).toEqual(['make namespace pod'])
  expect(printed.at(-1)).toMatchObject([{ nk0: { peer: { netns: 'pod' } } }])
  expect((await kernel.state.apply(document)).steps).toEqual([])
})

test('features', async () => {
  // #region features
  if (await kernel.features.has('leases')) print(await kernel.features.all())
  // #endregion
  const all = ['netkit', 'scrub', 'headroom', 'single', 'leases', 'netdev', 'ethtool']
  expect(printed).toEqual([[Object.fromEntries(all.map((name) => [name, true]))]])
})

test('further down', async () => {
  // #region scope
  await kernel.withScope(undefined, async (scope) => {
    const { devGet } = NETDEV.commands
    const [reply] = await scope.call(NETDEV, devGet, { ifindex: 1 }, { op: 'look at lo' })
    print(genericAttrs(devGet.attrs, reply).ifindex)
  })
  // #endregion
  expect(printed).toEqual([[1]])
})
