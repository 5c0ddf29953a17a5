import { ETHTOOL, errno, type GenlCommand, NETDEV, RT_LINK } from '@netkit/netlink'
import {
  ack,
  familyIds,
  genericMessage,
  PlayedKernel,
  playGeneric,
  playRoute,
  type ReadRequest,
  routeMessage,
  seqOf,
} from '@netkit/netlink/testing'
import { describe, expect, test } from 'vitest'
import { connect } from '../connect.ts'

const FAMILIES = [NETDEV, ETHTOOL]
const idOf = (name: string) => [...familyIds(FAMILIES)].find(([, f]) => f.name === name)?.[0] ?? 0

/** Plays both protocols: links by a table of names, generic requests by the function. */
const bench = async (answer: (r: ReadRequest) => readonly Uint8Array[] | undefined) => {
  const requests: ReadRequest[] = []
  const generic = playGeneric(FAMILIES, (r) => {
    requests.push(r)
    return answer(r) ?? []
  })
  const route = playRoute((r) => [
    routeMessage(RT_LINK.newlink, { ifindex: 3 }, { ifname: 'eth0' }, { seq: seqOf(r.bytes) }),
  ])
  const played = new PlayedKernel((bytes, socket) => (socket.options.protocol === 0 ? route : generic)(bytes, socket))
  return { kernel: await connect(async () => played), played, requests }
}

const netdev = (r: ReadRequest, command: GenlCommand, attrs: object) =>
  genericMessage(idOf('netdev'), command, attrs, { seq: seqOf(r.bytes) })

describe('families', () => {
  test('are looked up once for a kernel, whatever the namespace', async () => {
    const { kernel, played } = await bench((r) => [
      netdev(r, NETDEV.commands.queueGet, { id: 0, type: 'rx', ifindex: 3 }),
    ])
    await kernel.namespaces.create('pod')
    await kernel.queues.list()
    await kernel.queues.list({ in: 'pod' })
    const lookups = played.sockets
      .flatMap((s) => s.sent)
      .filter((b) => new DataView(b.buffer).getUint16(4, true) === 16)
    expect(lookups).toHaveLength(1)
  })

  test('that there are not are named', async () => {
    let known = false
    const played = new PlayedKernel((bytes) =>
      known ? playGeneric([NETDEV], () => [])(bytes, played.sockets[0]) : [ack(bytes, errno.ENOENT)],
    )
    const kernel = await connect(async () => played)
    await expect(kernel.queues.list()).rejects.toMatchObject({
      code: 'ENOENT',
      message: 'find generic netlink family netdev: ENOENT: there is no such object',
    })
    known = true // not remembered: a family may come with a module
    expect(await kernel.queues.list()).toEqual([])
  })
})

describe('queues', () => {
  test('one, by the name of its device', async () => {
    const lease = { ifindex: 9, queue: { id: 1, type: 'rx' }, netnsId: 0 }
    const { kernel, requests } = await bench((r) => [
      netdev(r, NETDEV.commands.queueGet, { id: 5, type: 'rx', ifindex: 3, lease, napiId: 77 }),
    ])
    expect(await kernel.queues.get('eth0', { id: 5 })).toEqual({ id: 5, type: 'rx', ifindex: 3, lease, napiId: 77 })
    expect(requests[0]).toMatchObject({ c: 'NETDEV_CMD_QUEUE_GET', attrs: { id: 5, type: 'rx', ifindex: 3 } })
    await expect(kernel.queues.get('eth0', { id: -1 })).rejects.toThrow('queue show eth0 rx -1: id must be an integer')
  })

  test('a dump that fails at its end says so', async () => {
    const { kernel } = await bench((r) => [ack(r.bytes, errno.ENODEV)])
    await expect(kernel.queues.list({ device: 3 })).rejects.toMatchObject({ op: 'queue list #3', code: 'ENODEV' })
  })
})

describe('counters, NAPI, pools, XDP', () => {
  test('by queue and by device', async () => {
    const { kernel, requests } = await bench((r) => [
      netdev(r, NETDEV.commands.qstatsGet, { ifindex: 3, queueType: 'rx', queueId: 1, rxPackets: 5 }),
    ])
    expect(await kernel.stats.queues({ device: 'eth0' })).toEqual([
      { ifindex: 3, queueType: 'rx', queueId: 1, rxPackets: 5 },
    ])
    await kernel.stats.devices()
    expect(requests.map((r) => r.attrs)).toEqual([{ ifindex: 3, scope: ['queue'] }, {}])
  })

  test('NAPI settings are checked before they are sent', async () => {
    const { kernel, requests } = await bench(() => undefined)
    await kernel.napis.set(8193, { deferHardIrqs: 2, threaded: 'enabled' })
    expect(requests[0].attrs).toEqual({ id: 8193, deferHardIrqs: 2, threaded: 'enabled' })
    await expect(kernel.napis.set(8193, { threaded: 'on' as 'enabled' })).rejects.toThrow(
      'threaded must be one of disabled, enabled, busy-poll',
    )
    await expect(kernel.napis.set(8193, { irq: 3 } as object)).rejects.toThrow('irq is told by the kernel')
  })

  test('pools and features', async () => {
    const { kernel } = await bench((r) =>
      r.c === 'NETDEV_CMD_PAGE_POOL_GET'
        ? [netdev(r, NETDEV.commands.pagePoolGet, { id: 4, ifindex: 3, inflight: 2 })]
        : [netdev(r, NETDEV.commands.devGet, { ifindex: 3, xdpFeatures: ['basic', 'redirect'] })],
    )
    expect(await kernel.pagePools.get(4)).toEqual({ id: 4, ifindex: 3, inflight: 2 })
    expect((await kernel.xdp.get('eth0')).xdpFeatures).toEqual(['basic', 'redirect'])
  })
})

describe('ethtool', () => {
  const { channelsGet, featuresGet } = ETHTOOL.commands

  test('channels: what is shown is not what can be set', async () => {
    const { kernel, requests } = await bench((r) =>
      r.c === 'ETHTOOL_MSG_CHANNELS_GET'
        ? [
            genericMessage(
              idOf('ethtool'),
              { ...channelsGet, id: 18 },
              { header: { devIndex: 3 }, combinedMax: 8, combinedCount: 4 },
              { seq: seqOf(r.bytes) },
            ),
          ]
        : undefined,
    )
    expect(await kernel.ethtool.channels.get('eth0')).toMatchObject({ combinedMax: 8, combinedCount: 4 })
    await kernel.ethtool.channels.set(3, { combinedCount: 2 })
    expect(requests.map((r) => r.attrs)).toEqual([
      { header: { devName: 'eth0' } },
      { header: { devIndex: 3 }, combinedCount: 2 },
    ])
    await expect(kernel.ethtool.channels.set('eth0', { combinedMax: 2 })).rejects.toThrow(
      'combinedMax is told by the kernel',
    )
    await expect(kernel.ethtool.channels.set('eth0', {})).rejects.toThrow('settings must not be empty')
  })

  test('a refusal names the attribute', async () => {
    const { kernel } = await bench((r) => [
      ack(r.bytes, errno.EINVAL, { msg: 'requested channel count exceeds maximum', offset: 32 }),
    ])
    await expect(kernel.ethtool.channels.set(3, { combinedCount: 99 })).rejects.toMatchObject({
      attr: 'combinedCount',
      message: 'channels set #3: EINVAL: requested channel count exceeds maximum (combinedCount, byte 32)',
    })
  })

  test('offloads by name', async () => {
    const bits = (nomask: boolean, ...names: string[]) => ({
      nomask: nomask || undefined,
      bits: { bit: names.map((name) => ({ name, value: nomask ? undefined : true })) },
    })
    const { kernel, requests } = await bench((r) =>
      r.c === 'ETHTOOL_MSG_FEATURES_GET'
        ? [
            genericMessage(
              idOf('ethtool'),
              featuresGet,
              {
                hw: bits(false, 'tx-a', 'rx-b'),
                wanted: bits(true, 'tx-a'),
                active: bits(true, 'tx-a', 'fix'),
                nochange: bits(true, 'fix'),
              },
              { seq: seqOf(r.bytes) },
            ),
          ]
        : undefined,
    )
    expect(await kernel.ethtool.offloads.list('eth0')).toEqual([
      { name: 'tx-a', active: true, wanted: true, changeable: true },
      { name: 'rx-b', active: false, wanted: false, changeable: true },
      { name: 'fix', active: true, wanted: false, changeable: false },
    ])
    await kernel.ethtool.offloads.set(3, { 'rx-b': true, 'tx-a': false })
    expect(requests[1].attrs.wanted).toEqual({ bits: { bit: [{ name: 'rx-b', value: true }, { name: 'tx-a' }] } })
  })
})
