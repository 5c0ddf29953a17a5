import { ETHTOOL, errno, NETDEV, RT_LINK, RT_NSID } from '@netkit/netlink'
import {
  ack,
  familyIds,
  genericMessage,
  PlayedKernel,
  type PlayedSocket,
  playGeneric,
  playRoute,
  type ReadRequest,
  routeMessage,
  seqOf,
} from '@netkit/netlink/testing'
import { describe, expect, test } from 'vitest'
import { connect } from '../connect.ts'
import { InputError } from '../input/input-error.ts'

const FAMILIES = [NETDEV, ETHTOOL]
const NETDEV_ID = [...familyIds(FAMILIES)].find(([, f]) => f === NETDEV)?.[0] ?? 0

interface Asked extends ReadRequest {
  /** Inode of the namespace of the socket; 0: the client's own. */
  readonly ns: number
}

type Answer = (r: Asked, played: PlayedKernel) => readonly Uint8Array[] | undefined

const bench = async (answer: Answer) => {
  const requests: Asked[] = []
  const play = (socket: PlayedSocket) => (r: ReadRequest) => {
    const asked = { ...r, ns: socket.options.namespace?.inode ?? 0 }
    requests.push(asked)
    return answer(asked, played) ?? []
  }
  const played: PlayedKernel = new PlayedKernel((bytes, socket) =>
    (socket.options.protocol === 0 ? playRoute(play(socket)) : playGeneric(FAMILIES, play(socket)))(bytes, socket),
  )
  return { kernel: await connect(async () => played), played, requests }
}

const link = (r: Asked, ifindex: number, ifname: string) =>
  routeMessage(RT_LINK.newlink, { ifindex }, { ifname }, { seq: seqOf(r.bytes) })
const nsid = (r: Asked, id: number) => routeMessage(RT_NSID.newnsid, {}, { nsid: id }, { seq: seqOf(r.bytes) })
const queue = (r: Asked, attrs: object) =>
  genericMessage(NETDEV_ID, NETDEV.commands.queueGet, attrs, { seq: seqOf(r.bytes) })
const made = (r: Asked, id: number) =>
  genericMessage(NETDEV_ID, NETDEV.commands.queueCreate, { id }, { seq: seqOf(r.bytes) })

const inodeOf = async (played: PlayedKernel, name: string) => (await played.namespaces.open({ name })).inode

describe('making a lease', () => {
  test('in one namespace needs no id', async () => {
    const { kernel, requests } = await bench((r) => {
      if (r.c === 'RTM_GETLINK') return [r.attrs.ifname === 'eth0' ? link(r, 3, 'eth0') : link(r, 5, 'nk0')]
      return [made(r, 1)]
    })
    const lease = await kernel.leases.add({ lessee: { device: 'nk0' }, lessor: { device: 'eth0' }, queue: 15 })
    const here = { name: undefined, current: true, netnsid: undefined }
    expect(lease).toEqual({
      lessor: { ifindex: 3, name: 'eth0', queue: 15, namespace: here },
      lessee: { ifindex: 5, name: 'nk0', queue: 1, namespace: here },
    })
    expect(requests.at(-1)).toMatchObject({
      c: 'NETDEV_CMD_QUEUE_CREATE',
      attrs: { ifindex: 5, type: 'rx', lease: { ifindex: 3, queue: { id: 15, type: 'rx' } } },
    })
    expect(requests.at(-1)?.attrs.lease).not.toHaveProperty('netnsId')
  })

  test('across namespaces is asked for where the lessee lives, with the id of the other as seen from there', async () => {
    let assigned = false
    const { kernel, played, requests } = await bench((r) => {
      if (r.c === 'RTM_GETLINK') return [r.attrs.ifname === 'eth0' ? link(r, 3, 'eth0') : link(r, 5, 'nk0')]
      if (r.c === 'RTM_NEWNSID') assigned = true
      if (r.c === 'RTM_GETNSID') return [nsid(r, r.ns === 1 ? 8 : assigned ? 4 : -1)]
      return r.c === 'NETDEV_CMD_QUEUE_CREATE' ? [made(r, 2)] : undefined
    })
    await kernel.namespaces.create('pod')
    const lease = await kernel.leases.add({
      lessee: { device: 'nk0', in: 'pod' },
      lessor: { device: 'eth0' },
      queue: 0,
    })
    const pod = await inodeOf(played, 'pod')
    const create = requests.find((r) => r.c === 'NETDEV_CMD_QUEUE_CREATE')
    expect(create).toMatchObject({ ns: pod, attrs: { ifindex: 5, lease: { ifindex: 3, netnsId: 4 } } })
    expect(lease.lessee).toMatchObject({ queue: 2, namespace: { name: 'pod', current: false, netnsid: 8 } })
    expect(lease.lessor.namespace).toMatchObject({ current: true, netnsid: undefined })
    expect(played.namespaces.opened.slice(0, -1).every((ns) => ns.closed)).toBe(true)
  })

  test('that is refused names the attribute', async () => {
    const { kernel } = await bench((r) => {
      if (r.c === 'RTM_GETLINK') return [link(r, 3, 'x')]
      return [ack(r.bytes, errno.ERANGE, { offset: 52 })]
    })
    await expect(
      kernel.leases.add({ lessee: { device: 'nk0' }, lessor: { device: 'eth0' }, queue: 99 }),
    ).rejects.toMatchObject({
      code: 'ERANGE',
      attr: 'lease.queue.id',
      op: 'lease add nk0 from eth0',
    })
    await expect(
      kernel.leases.add({ lessee: { device: 'nk0' }, lessor: { device: 'eth0' }, queue: -1 }),
    ).rejects.toThrow(InputError)
  })

  test('together with its device is all or nothing', async () => {
    let leases = 0
    const { kernel, requests } = await bench((r) => {
      if (r.c === 'RTM_NEWLINK') return [link(r, 5, 'nk0')]
      if (r.c === 'RTM_GETLINK') return [r.header.ifindex === 5 ? link(r, 5, 'nk0') : link(r, 3, 'eth0')]
      if (r.c === 'NETDEV_CMD_QUEUE_CREATE')
        return ++leases === 3
          ? [ack(r.bytes, errno.EBUSY, { msg: 'Device queue in use by AF_XDP' })]
          : [made(r, leases)]
      return undefined
    })
    const good = await kernel.leases.addDevice({ name: 'nk0', lessor: { device: 'eth0', queues: [14, 15] } })
    expect(good.leases.map((l) => [l.lessor.queue, l.lessee.queue])).toEqual([
      [14, 1],
      [15, 2],
    ])
    expect(requests[0].attrs).toMatchObject({
      numRxQueues: 3,
      linkinfo: { kind: 'netkit', data: { pairing: 'single' } },
    })
    const bad = await kernel.leases.addDevice({ name: 'nk0', lessor: { device: 'eth0', queues: [13] } }).catch((e) => e)
    expect(bad).toMatchObject({ code: 'EBUSY', extack: 'Device queue in use by AF_XDP' })
    expect(requests.at(-1)).toMatchObject({ c: 'RTM_DELLINK', header: { ifindex: 5 } })
    await expect(kernel.leases.addDevice({ lessor: { device: 'eth0', queues: [] } })).rejects.toThrow(
      'lessor.queues must name at least one queue',
    )
  })
})

describe('listing leases', () => {
  test('names both ends and their namespaces', async () => {
    const { kernel, played } = await bench((r, p) => {
      if (r.c === 'NETDEV_CMD_QUEUE_GET') {
        if (r.ns !== 1) return []
        return [
          queue(r, { id: 0, ifindex: 3, type: 'rx' }),
          queue(r, { id: 1, ifindex: 3, type: 'rx', lease: { ifindex: 9, queue: { id: 1, type: 'rx' } } }),
          queue(r, { id: 2, ifindex: 3, type: 'rx', lease: { ifindex: 9, queue: { id: 1, type: 'rx' }, netnsId: 0 } }),
          queue(r, { id: 3, ifindex: 3, type: 'rx', lease: { ifindex: 9, queue: { id: 1, type: 'rx' }, netnsId: 7 } }),
        ]
      }
      if (r.c === 'RTM_GETNSID') {
        const asked = p.namespaces.opened.find((ns) => ns.fd === r.attrs.fd)?.inode
        return [nsid(r, asked === p.namespaces.opened.find((ns) => ns.inode > 4_000_000_000)?.inode ? 0 : -1)]
      }
      if (r.attrs.targetNetnsid === 7) return [ack(r.bytes, errno.EACCES)]
      return [link(r, r.header.ifindex, r.header.ifindex === 3 ? 'eth0' : `nk${r.attrs.targetNetnsid ?? ''}`)]
    })
    await kernel.namespaces.create('pod')
    const leases = await kernel.leases.list()
    expect(leases.map(({ lessor, lessee }) => [lessor.name, lessor.queue, lessee.name, lessee.namespace])).toEqual([
      ['eth0', 1, 'nk', { name: undefined, current: true, netnsid: undefined }],
      ['eth0', 2, 'nk0', { name: 'pod', current: false, netnsid: 0 }],
      ['eth0', 3, undefined, { name: undefined, current: false, netnsid: 7 }],
    ])
    expect(await kernel.leases.listAll()).toEqual(leases)
    expect(played.namespaces.opened.every((ns) => ns.closed)).toBe(true)
  })

  test('without any opens nothing else', async () => {
    const { kernel, played } = await bench(() => [])
    await kernel.namespaces.create('pod')
    expect(await kernel.leases.list()).toEqual([])
    expect(played.namespaces.opened).toHaveLength(1)
  })
})

test('ending leases removes the lessee', async () => {
  const { kernel, requests } = await bench(() => undefined)
  await kernel.leases.end('nk0')
  expect(requests).toMatchObject([{ c: 'RTM_DELLINK', attrs: { ifname: 'nk0' } }])
})
