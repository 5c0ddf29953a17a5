import { NETDEV, RT_LINK, RT_NSID } from '@netkit/netlink'
import { routeMessage } from '@netkit/netlink/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Device } from '../../net/device.ts'
import { lease } from '../../net/lease.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { XskPool } from '../../net/xsk.ts'
import { Bench, linkRequest, must } from '../../testing/bench.ts'
import { generic, heard, lessee, listen, setUp } from '../../testing/generic.ts'
import { testProvider } from '../../testing/provider.ts'

const { queueCreate, queueGet } = NETDEV.commands

describe('queue-create', () => {
  let bench: Bench
  let nic: Device
  let nk: Device
  beforeEach(() => {
    bench = new Bench()
    nic = bench.kernel.nics.plug({ ns: bench.ns, queues: 4 })
    nk = lessee(bench)
  })

  const wanted = (queue: number, from = nic, to = nk) => ({
    ifindex: to.ifindex,
    type: 'rx' as const,
    lease: { ifindex: from.ifindex, queue: { id: queue, type: 'rx' as const } },
  })
  const create = (attrs: object, ns?: NetNamespace) => generic(bench, NETDEV, queueCreate, attrs, { ns })
  const queues = (dev: Device) =>
    generic(bench, NETDEV, queueGet, { ifindex: dev.ifindex }, { dump: true, ns: dev.ns }).replies

  it('numbers queues from 1 in the order in which they are leased', () => {
    expect([3, 0, 2].map((queue) => create(wanted(queue)).replies)).toEqual([[{ id: 1 }], [{ id: 2 }], [{ id: 3 }]])
    expect(nk.realRxQueues).toBe(4)
  })

  it('tells of a lease on the physical side only', () => {
    create(wanted(2))
    setUp(bench, nic, true)
    setUp(bench, nk, true)
    expect(queues(nic)[2].lease).toEqual({ queue: { id: 1, type: 'rx' }, ifindex: nk.ifindex })
    expect(queues(nic).filter((q) => q.lease)).toHaveLength(1)
    expect(queues(nk)).toEqual([
      { id: 0, type: 'rx', ifindex: nk.ifindex },
      { id: 1, type: 'rx', ifindex: nk.ifindex },
      { id: 0, type: 'tx', ifindex: nk.ifindex },
    ])
  })

  it('is heard by nobody', () => {
    const socket = listen(bench)
    create(wanted(1))
    expect(heard(bench, socket)).toEqual([])
  })

  it('refuses in the order of Linux', () => {
    const other = bench.kernel.nics.plug({ ns: bench.ns, queues: 1 })
    const pair = lessee(bench, { name: 'nk1', pair: true })
    const primary = bench.ns.names.get('nk1-m') as Device
    const small = lessee(bench, { name: 'nk2', queues: 1 })
    const lo = bench.ns.loopback as Device
    const rows: [object, object][] = [
      [{}, { errno: 22, missType: 2 }],
      [{ ifindex: nk.ifindex }, { errno: 22, missType: 3 }],
      [
        { ifindex: nk.ifindex, type: 'rx' },
        { errno: 22, missType: 8 },
      ],
      [
        { ...wanted(1), type: 'tx' },
        { errno: 22, offset: 28 },
      ],
      [
        { ...wanted(1), lease: {} },
        { errno: 22, missType: 1, missNest: 36 },
      ],
      [
        { ...wanted(1), lease: { ifindex: 2 } },
        { errno: 22, missType: 2, missNest: 36 },
      ],
      [
        { ...wanted(1), lease: { ifindex: 2, queue: {} } },
        { errno: 22, missType: 1, missNest: 48 },
      ],
      [
        { ...wanted(1), lease: { ifindex: 2, queue: { id: 1 } } },
        { errno: 22, missType: 3, missNest: 48 },
      ],
      [
        { ...wanted(1), lease: { ifindex: 2, queue: { id: 1, type: 'tx' } } },
        { errno: 22, offset: 60 },
      ],
      [{ ...wanted(1), ifindex: 99 }, { errno: 19 }],
      [wanted(1, nic, nic), { errno: 22, msg: 'Device is not a virtual device' }],
      [wanted(1, nic, lo), { errno: 22, msg: 'Device does not support queue creation' }],
      [{ ...wanted(1), lease: { ...wanted(1).lease, netnsId: 3 } }, { errno: 64 }],
      [{ ...wanted(1), lease: { ...wanted(1).lease, ifindex: 99 } }, { errno: 19 }],
      [wanted(1, nk), { errno: 22, msg: 'Lease device is a virtual device' }],
      [wanted(4), { errno: 34, offset: 52 }],
      [wanted(1, nic, primary), { errno: 95, msg: 'netkit can only lease against the peer device' }],
      [wanted(1, nic, small), { errno: 22, msg: 'netkit maximum queue limit reached' }],
    ]
    for (const [attrs, said] of rows) expect({ attrs, ...create(attrs) }).toEqual({ attrs, ...said, replies: [] })

    expect(create(wanted(1)).errno).toBe(0)
    const busy = { errno: 16, msg: 'Device queue in use due to queue leasing' }
    expect(create(wanted(1))).toMatchObject(busy)
    expect(create(wanted(1, nic, pair))).toMatchObject(busy)
    // Busy is found out before everything that is wrong with the lessee.
    expect(create(wanted(1, nic, primary))).toMatchObject(busy)
    expect(create(wanted(1, nic, small))).toMatchObject(busy)
    const mixed = { errno: 95, msg: 'Leasing queues from different devices not supported' }
    expect(create(wanted(0, other))).toMatchObject(mixed)
    expect(create(wanted(0, other, pair)).errno).toBe(0)
    expect(create(wanted(2, nic, pair))).toMatchObject(mixed)
  })

  it.each(['xskPool', 'memoryProvider'] as const)('does not lease a queue with a %s', (what) => {
    const queue = nic.rxQueue(1)
    if (queue) Object.assign(queue, { [what]: testProvider() })
    const text = what === 'xskPool' ? 'AF_XDP' : 'memory provider'
    expect(create(wanted(1))).toMatchObject({ errno: 16, msg: `Device queue in use by ${text}` })
  })

  it('leaves nothing behind when it refuses', () => {
    for (const attrs of [wanted(9), wanted(1, nk), { ...wanted(1), type: 'tx' }]) create(attrs)
    expect(nk.realRxQueues).toBe(1)
    expect([0, 1, 2, 3].map((i) => nic.boundRxQueue(i)?.lease)).toEqual(new Array(4).fill(undefined))
  })

  describe('across namespaces', () => {
    let pod: NetNamespace
    let inPod: Device
    beforeEach(() => {
      pod = bench.namespace().ns
      inPod = lessee(bench, { ns: pod, name: 'net0' })
      const fd = bench.root.openNamespace(bench.ns)
      const request = routeMessage(RT_NSID.newnsid, {}, { fd, nsid: 7 }, { flags: 5 })
      const socket = bench.route(pod)
      must(socket, request)
      socket.close()
    })
    const across = (queue: number) => ({ ...wanted(queue, nic, inPod), lease: { ...wanted(queue).lease, netnsId: 7 } })

    it("finds the lessor by the id of its namespace, and gives the lessee's one when it is shown", () => {
      expect(create(across(1), pod)).toMatchObject({ errno: 0, replies: [{ id: 1 }] })
      expect(bench.ns.nsidOf.has(pod)).toBe(false)
      setUp(bench, nic, true)
      expect(queues(nic)[1].lease).toEqual({ queue: { id: 1, type: 'rx' }, ifindex: inPod.ifindex, netnsId: 0 })
      expect(bench.ns.nsidOf.get(pod)).toBe(0)
    })

    it('follows a lessee that moves', () => {
      create(across(1), pod)
      setUp(bench, nic, true)
      const fd = bench.root.openNamespace(bench.ns)
      must(bench.route(pod), linkRequest(RT_LINK.setlink, { netNsFd: fd }, { ifindex: inPod.ifindex }))
      expect(queues(nic)[1].lease).toEqual({ queue: { id: 1, type: 'rx' }, ifindex: inPod.ifindex })
    })

    it('ends with the namespace of the lessee', () => {
      create(across(1), pod)
      for (const fd of [...bench.root.files.keys()]) bench.root.closeFile(fd)
      bench.kernel.settle()
      expect(nic.boundRxQueue(1)?.lease === undefined).toBe(true)
      expect(create(wanted(1)).errno).toBe(0)
    })
  })

  describe('a lease', () => {
    it('ends with the lessee, in ascending order, and takes the memory provider along', () => {
      const ended: number[] = []
      for (const queue of [2, 1, 3]) create(wanted(queue))
      for (const index of [1, 2, 3]) {
        const queue = nic.rxQueue(index)
        if (queue) queue.memoryProvider = testProvider({ dmabuf: index, uninstall: (q) => void ended.push(q.index) })
      }
      must(bench.route(), linkRequest(RT_LINK.dellink, {}, { ifindex: nk.ifindex }))
      // Each is told of the virtual queue.
      expect(ended).toEqual([1, 2, 3])
      expect([1, 2, 3].map((i) => nic.boundRxQueue(i)?.memoryProvider)).toEqual(new Array(3).fill(undefined))
    })

    it('outlives both ends going down', () => {
      create(wanted(1))
      for (const up of [true, false, true]) for (const dev of [nic, nk]) setUp(bench, dev, up)
      expect(queues(nic)[1].lease.ifindex).toBe(nk.ifindex)
    })

    it('takes the lessee along when the NIC is pulled out, before that is gone itself', () => {
      create(wanted(1))
      const pair = lessee(bench, { name: 'nk1', pair: true })
      create(wanted(2, nic, pair))
      const socket = listen(bench)
      const primary = bench.ns.names.get('nk1-m')
      bench.kernel.nics.unplug(1)
      expect(heard(bench, socket).map((m) => [m.c, m.attrs.ifindex])).toEqual(
        [nic, nk, pair, primary].map((dev) => ['NETDEV_CMD_DEV_DEL_NTF', dev?.ifindex]),
      )
      expect([...bench.ns.devices.values()].map((d) => d.name)).toEqual(['lo'])
    })

    it('of one NIC means nothing to another', () => {
      const other = bench.kernel.nics.plug({ ns: bench.ns, queues: 2 })
      create(wanted(1))
      bench.kernel.nics.unplug(2)
      expect(bench.ns.names.get(other.name)).toBeUndefined()
      expect(bench.ns.names.get(nk.name)).toBe(nk)
    })
  })

  it('shows who reads a leased queue on both sides', () => {
    create(wanted(1))
    setUp(bench, nic, true)
    setUp(bench, nk, true)
    const physical = nic.rxQueue(1)
    if (!physical) throw new Error('no queue 1')
    physical.memoryProvider = testProvider({ rxBufLen: 4096 })
    physical.xskPool = {} as XskPool
    for (const [dev, index] of [
      [nic, 1],
      [nk, 1],
    ] as const) {
      expect(queues(dev)[index]).toMatchObject({ ioUring: { rxBufLen: 4096 }, xsk: {} })
    }
    expect(queues(nk)[0].xsk).toBeUndefined()
  })

  it('ties two queues to each other', () => {
    const [virtual, physical] = [nk.rxQueue(1), nic.rxQueue(0)]
    if (!virtual || !physical) throw new Error('no queues')
    lease(virtual, physical)
    expect([virtual.lease, physical.lease]).toEqual([physical, virtual])
  })
})
