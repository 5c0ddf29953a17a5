import { type GenlCommand, NETDEV } from '@netkit/netlink'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Device } from '../../net/device.ts'
import { Bench } from '../../testing/bench.ts'
import { generic, heard, lessee, listen, setUp } from '../../testing/generic.ts'

const { commands: C } = NETDEV

describe('a NIC in the netdev family', () => {
  let bench: Bench
  let nic: Device
  beforeEach(() => {
    bench = new Bench()
    // Without a DMA mask, as Linux's test NIC.
    nic = bench.kernel.nics.plug({ ns: bench.ns, queues: 3, model: 'netdevsim' })
  })
  const dump = (command: GenlCommand, attrs: object = {}) => generic(bench, NETDEV, command, attrs, { dump: true })

  it('has NAPI instances and page pools while it is up, one a receive queue', () => {
    const socket = listen(bench)
    expect(dump(C.napiGet).replies).toEqual([])
    setUp(bench, nic, true)
    const added = heard(bench, socket)
    expect(added.map((m) => m.c)).toEqual(new Array(3).fill('NETDEV_CMD_PAGE_POOL_ADD_NTF'))
    // When its pools are made for the first time no NAPI instance has an id yet.
    expect(added.map((m) => m.attrs.napiId)).toEqual([undefined, undefined, undefined])

    const napis = dump(C.napiGet).replies.map((n) => n.id)
    expect(napis).toEqual([...napis].sort((a, b) => b - a))
    expect(dump(C.pagePoolGet).replies.map((p) => p.napiId)).toEqual(napis)
    expect(dump(C.queueGet).replies.map((q) => q.napiId)).toEqual([
      ...[...napis].reverse(),
      ...new Array(3).fill(undefined),
    ])

    setUp(bench, nic, false)
    const removed = heard(bench, socket)
    expect(removed.map((m) => m.attrs.id)).toEqual(added.map((m) => m.attrs.id))
    expect(removed.every((m) => m.c === 'NETDEV_CMD_PAGE_POOL_DEL_NTF' && m.attrs.napiId === undefined)).toBe(true)
    expect(generic(bench, NETDEV, C.napiGet, { id: napis[0] })).toMatchObject({ errno: 2, offset: 20 })

    setUp(bench, nic, true)
    expect(dump(C.napiGet).replies.map((n) => n.id)).toEqual(napis)
    expect(heard(bench, socket).map((m) => m.attrs.napiId)).toEqual([...napis].reverse())
  })

  it('keeps the settings of a NAPI instance while it is down', () => {
    setUp(bench, nic, true)
    const [{ id }] = dump(C.napiGet).replies
    const set = {
      id,
      deferHardIrqs: 100,
      groFlushTimeout: 2 ** 40,
      irqSuspendTimeout: 3000,
      threaded: 'enabled' as const,
    }
    expect(generic(bench, NETDEV, C.napiSet, set).errno).toBe(0)
    const get = () => generic(bench, NETDEV, C.napiGet, { id }).replies[0]
    expect(get()).toMatchObject({ ...set, ifindex: nic.ifindex, pid: expect.any(Number) })
    for (const up of [false, true]) setUp(bench, nic, up)
    expect(get()).toMatchObject(set)
    generic(bench, NETDEV, C.napiSet, { id, threaded: 'disabled' })
    expect(get().pid).toBeUndefined()
  })

  it.each([
    [{}, { errno: 22, missType: 2 }],
    [{ id: 1 }, { errno: 2, offset: 20 }],
    [
      { id: 1, threaded: 3 },
      { errno: 34, msg: 'integer out of range', offset: 28 },
    ],
    [
      { id: 1, deferHardIrqs: -1 },
      { errno: 34, msg: 'integer out of range', offset: 28 },
    ],
  ])('refuses to set %j', (attrs, said) => {
    expect(generic(bench, NETDEV, C.napiSet, attrs)).toMatchObject(said)
  })

  it('shows pools and NAPI instances to its own namespace only', () => {
    setUp(bench, nic, true)
    const [{ id, napiId }] = dump(C.pagePoolGet).replies
    const { ns } = bench.namespace()
    expect(generic(bench, NETDEV, C.pagePoolGet, { id }, { ns }).errno).toBe(2)
    expect(generic(bench, NETDEV, C.pagePoolStatsGet, { info: { id } }, { ns }).errno).toBe(2)
    expect(generic(bench, NETDEV, C.napiGet, { id: napiId }, { ns }).errno).toBe(2)
    expect(generic(bench, NETDEV, C.pagePoolGet, { id }).replies[0]).toMatchObject({ id, inflight: 0 })
  })

  it('tells statistics of its pools', () => {
    setUp(bench, nic, true)
    const { replies } = dump(C.pagePoolStatsGet, { info: { ifindex: nic.ifindex } })
    expect(replies).toHaveLength(3)
    expect(replies[0]).toMatchObject({ info: { ifindex: nic.ifindex }, allocFast: 0, recycleReleasedRefcnt: 0 })
    const { id } = replies[0].info
    expect(generic(bench, NETDEV, C.pagePoolStatsGet, { info: { id } }).replies).toEqual([replies[0]])
    expect(generic(bench, NETDEV, C.pagePoolStatsGet, { info: { id, ifindex: 2 } })).toMatchObject({
      errno: 22,
      msg: 'selecting by ifindex not supported',
      offset: 32,
    })
    expect(dump(C.pagePoolStatsGet, { info: { id } })).toMatchObject({
      errno: 22,
      msg: 'Unsupported attribute',
      offset: 24,
    })
    expect(dump(C.pagePoolStatsGet, { info: { ifindex: 77 } })).toEqual({ errno: 0, replies: [] })
  })

  it('counts by queue while it is up, and as a whole always', () => {
    const nk = lessee(bench)
    expect(dump(C.qstatsGet).replies).toEqual([
      { ifindex: nic.ifindex, rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0 },
    ])
    expect(dump(C.qstatsGet, { scope: ['queue'] }).replies).toEqual([])
    setUp(bench, nic, true)
    expect(dump(C.qstatsGet, { scope: ['queue'] }).replies).toHaveLength(6)
    expect(dump(C.qstatsGet, { ifindex: nk.ifindex })).toMatchObject({ errno: 95, offset: 20 })
    expect(dump(C.qstatsGet, { ifindex: 99 })).toMatchObject({ errno: 19, offset: 20 })
  })

  it.each([
    [
      { ifindex: 2, queues: [{ id: 0, type: 'rx' }] },
      { errno: 22, missType: 3 },
    ],
    [
      { ifindex: 2, fd: 3 },
      { errno: 22, missType: 2 },
    ],
    [
      { ifindex: 2, fd: 3, queues: [{ id: 0 }] },
      { errno: 22, missType: 3, missNest: 28 },
    ],
    [
      {
        ifindex: 2,
        fd: 3,
        queues: [
          { id: 0, type: 'rx' },
          { id: 3, type: 'rx' },
        ],
      },
      { errno: 22, offset: 52 },
    ],
    [
      { ifindex: 2, fd: 3, queues: [{ id: 0, type: 'tx' }] },
      { errno: 22, offset: 40 },
    ],
    [
      { ifindex: 2, fd: 3, queues: [{ id: 0, type: 'rx' }] },
      { errno: 95, msg: "Device doesn't support DMA" },
    ],
    [
      { ifindex: 2, fd: 3, queues: [{ id: 0, type: 'rx' }], rxPageSize: 5000 },
      { errno: 22, msg: 'rx-page-size must be a power of 2' },
    ],
    [
      { ifindex: 1, fd: 3, queues: [{ id: 0, type: 'rx' }] },
      { errno: 95, offset: 20 },
    ],
    [{ ifindex: 9, fd: 3, queues: [{ id: 0, type: 'rx' }] }, { errno: 19 }],
  ])('cannot be given memory: %j', (attrs, said) => {
    expect(generic(bench, NETDEV, C.bindRx, attrs as object)).toMatchObject(said)
  })

  it('cannot send from memory that it cannot read, and a netkit device has nobody who can', () => {
    const nk = lessee(bench)
    const bind = (ifindex: number) => generic(bench, NETDEV, C.bindTx, { ifindex, fd: 3 }).msg
    expect(bind(nic.ifindex)).toBe('Driver does not support netmem TX')
    expect(bind(nk.ifindex)).toBe('No DMA-capable device found for netmem TX')
  })

  it('offers what AF_XDP needs, as a single device does', () => {
    const get = (dev: Device) => generic(bench, NETDEV, C.devGet, { ifindex: dev.ifindex }).replies[0]
    expect(get(bench.kernel.nics.plug({ ns: bench.ns, queues: 3 }))).toMatchObject({
      xdpFeatures: ['basic', 'redirect', 'ndo-xmit', 'xsk-zerocopy', 'hw-offload', 'rx-sg'],
      xdpZcMaxSegs: 8,
    })
    expect(get(lessee(bench))).toMatchObject({ xdpFeatures: ['basic', 'redirect', 'xsk-zerocopy'], xdpZcMaxSegs: 1 })
    expect(get(lessee(bench, { name: 'nk1', pair: true })).xdpFeatures).toEqual([])
  })
})
