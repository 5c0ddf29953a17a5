import { ETHTOOL, errno, NETDEV, RT_LINK, RT_NSID } from '@netkit/netlink'
import { ack, familyIds, genericMessage, PlayedKernel, playGeneric, routeMessage } from '@netkit/netlink/testing'
import { describe, expect, test } from 'vitest'
import { connect } from '../connect.ts'
import type { KernelEvent } from './event.ts'

const FAMILIES = [NETDEV, ETHTOOL]
const idOf = (name: string) => [...familyIds(FAMILIES)].find(([, f]) => f.name === name)?.[0] ?? 0
const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

const bench = async () => {
  const played: PlayedKernel = new PlayedKernel((bytes, socket) => playGeneric(FAMILIES, () => [])(bytes, socket))
  const kernel = await connect(async () => played)
  const listeners = () => played.sockets.filter((s) => s.groups.size > 0)
  return { played, kernel, listeners }
}

describe('listening', () => {
  test('joins the groups that are asked for, by their numbers', async () => {
    const { kernel, listeners } = await bench()
    await using _all = await kernel.events()
    const [netdev, ethtool] = [idOf('netdev'), idOf('ethtool')]
    expect(listeners().map((s) => [s.options.protocol, [...s.groups]])).toEqual([
      [0, [1, 28]],
      [16, [10 * netdev, 10 * netdev + 1, 10 * ethtool]],
    ])
  })

  test('reads every kind of message', async () => {
    const { kernel, listeners } = await bench()
    await using events = await kernel.events()
    const [route, generic] = listeners()
    const { devAddNtf, pagePoolDelNtf } = NETDEV.commands
    const { channelsNtf } = ETHTOOL.commands
    const send = async (socket: typeof route, bytes: Uint8Array) => {
      socket.deliver(bytes, 1)
      return (await events.next()) as KernelEvent
    }
    expect(
      await send(route, routeMessage(RT_LINK.newlink, { ifindex: 5, change: 0xffff_ffff }, { ifname: 'nk0' })),
    ).toMatchObject({
      type: 'newlink',
      created: true,
      device: { ifindex: 5, name: 'nk0' },
    })
    expect(
      await send(
        route,
        routeMessage(RT_LINK.newlink, { ifindex: 5, change: 1 }, { ifname: 'nk0' }, { portId: 9, seq: 4 }),
      ),
    ).toMatchObject({
      type: 'newlink',
      created: false,
      change: 1,
      portId: 9,
      seq: 4,
    })
    expect(
      await send(route, routeMessage(RT_LINK.dellink, { ifindex: 5 }, { newNetnsid: 0, newIfindex: 7 })),
    ).toMatchObject({
      type: 'dellink',
      movedTo: { netnsid: 0, ifindex: 7 },
    })
    expect(await send(route, routeMessage(RT_LINK.dellink, { ifindex: 5 }, {}))).toMatchObject({
      type: 'dellink',
      movedTo: undefined,
    })
    expect(await send(route, routeMessage(RT_NSID.delnsid, {}, { nsid: 3 }))).toMatchObject({
      type: 'delnsid',
      nsid: 3,
    })
    expect(await send(generic, genericMessage(idOf('netdev'), devAddNtf, { ifindex: 5 }))).toMatchObject({
      type: 'dev-add',
      features: { ifindex: 5 },
    })
    expect(await send(generic, genericMessage(idOf('netdev'), pagePoolDelNtf, { id: 4 }))).toMatchObject({
      type: 'page-pool-del',
      pool: { id: 4 },
    })
    expect(
      await send(generic, genericMessage(idOf('ethtool'), channelsNtf, { header: { devIndex: 5 }, combinedCount: 2 })),
    ).toMatchObject({
      type: 'ethtool',
      what: 'channels',
      settings: { header: { devIndex: 5 }, combinedCount: 2 },
    })
  })

  test('tells of what it cannot read instead of failing', async () => {
    const { kernel, listeners } = await bench()
    await using events = await kernel.events({ groups: ['link'] })
    const [route] = listeners()
    const broken = routeMessage(RT_LINK.newlink, { ifindex: 5 }, { mtu: 5 })
    broken[32] = 200
    route.deliver(broken)
    route.deliver(Uint8Array.of(1, 2, 3))
    route.deliver(routeMessage({ ...RT_LINK.newlink, type: 77 }, {}, {}))
    const seen = [await events.next(), await events.next(), await events.next()]
    expect(seen).toMatchObject([
      { type: 'unknown', error: { name: 'DecodeError', offset: 32 } },
      { type: 'unknown', error: { name: 'DecodeError', offset: 0 }, bytes: Uint8Array.of(1, 2, 3) },
      { type: 'unknown', error: undefined },
    ])
  })

  test('goes on after a loss, which is an event', async () => {
    const { kernel, listeners } = await bench()
    await using events = await kernel.events({ groups: ['nsid'] })
    const [route] = listeners()
    route.deliver(routeMessage(RT_NSID.newnsid, {}, { nsid: 0 }))
    route.lose()
    route.deliver(routeMessage(RT_NSID.newnsid, {}, { nsid: 9 }))
    const seen: unknown[] = []
    for await (const event of events) {
      seen.push(event.type === 'newnsid' ? event.nsid : event.type)
      if (seen.length === 3) break
    }
    expect(seen).toEqual([0, 'lost', 9])
  })

  test('reads one datagram ahead and no more', async () => {
    const { kernel, listeners } = await bench()
    await using events = await kernel.events({ groups: ['nsid'] })
    const [route] = listeners()
    let taken = 0
    const receive = route.receive.bind(route)
    route.receive = async function* () {
      for await (const d of receive()) {
        taken++
        yield d
      }
    }
    route.lose() // so that it begins anew, through the counter
    await events.next()
    for (let i = 0; i < 5; i++) route.deliver(routeMessage(RT_NSID.newnsid, {}, { nsid: i }))
    for (let i = 0; i < 3; i++) await events.next()
    await tick()
    expect(taken).toBeLessThanOrEqual(4)
  })

  test('several namespaces at once, each event with its own', async () => {
    const { kernel, listeners, played } = await bench()
    await kernel.namespaces.create('pod')
    await using events = await kernel.events({ in: ['pod', { pid: 7 }], groups: ['nsid'] })
    const [pod, other] = listeners()
    other.deliver(routeMessage(RT_NSID.newnsid, {}, { nsid: 1 }))
    expect(await events.next()).toMatchObject({ nsid: 1, namespace: { pid: 7 } })
    pod.deliver(routeMessage(RT_NSID.newnsid, {}, { nsid: 2 }), 28, 5)
    expect(await events.next()).toMatchObject({ nsid: 2, namespace: 'pod', netnsid: 5 })
    expect(played.namespaces.opened.every((ns) => ns.closed)).toBe(true)
  })

  test('ends when it is closed, and when a signal says so; a loop that is left does not close', async () => {
    const { kernel, listeners } = await bench()
    const controller = new AbortController()
    const events = await kernel.events({ groups: ['nsid'], signal: controller.signal })
    const [route] = listeners()
    route.deliver(routeMessage(RT_NSID.newnsid, {}, { nsid: 1 }))
    for await (const _ of events) break
    expect(route.closed).toBe(false)
    const waiting = events.next()
    await tick()
    controller.abort()
    expect(await waiting).toBeUndefined()
    expect(route.closed).toBe(true)
    expect(await events.next()).toBeUndefined()
    await expect(kernel.events({ signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
  })

  test('a broken connection is an error', async () => {
    const { kernel, listeners } = await bench()
    await using events = await kernel.events({ groups: ['nsid'] })
    listeners()[0].fail(new Error('the kernel is gone'))
    await expect(events.next()).rejects.toThrow('the kernel is gone')
  })

  test('without a family leaves its groups out, unless they were asked for', async () => {
    const played = new PlayedKernel((bytes) => [ack(bytes, errno.ENOENT)])
    const kernel = await connect(async () => played)
    await using _all = await kernel.events()
    expect(played.sockets.filter((s) => s.groups.size > 0)).toHaveLength(1)
    await expect(kernel.events({ groups: ['netdev'] })).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(kernel.events({ groups: ['links' as 'link'] })).rejects.toThrow(
      "monitor: groups must be some of link, nsid, netdev, page-pool, ethtool, address, route, not 'links'",
    )
  })

  test('that cannot be set up leaves no socket open', async () => {
    const { kernel, played } = await bench()
    await kernel.namespaces.create('pod')
    await expect(kernel.events({ in: ['pod', 'nowhere'], groups: ['link'] })).rejects.toMatchObject({ code: 'ENOENT' })
    expect(played.sockets.every((s) => s.closed)).toBe(true)
  })
})
