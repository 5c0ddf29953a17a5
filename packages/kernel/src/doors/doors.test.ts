import {
  type KernelDoors,
  NETLINK_ROUTE,
  type NetlinkDoor,
  NLM_F_DUMP,
  RT_LINK,
  RTM_NEWLINK,
  splitMessages,
} from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { ALL_CAPABILITIES, CAP_SYS_ADMIN, without } from '../access/capability.ts'
import { embedded } from '../embedded.ts'
import { Kernel } from '../kernel.ts'
import { linkRequest } from '../testing/bench.ts'
import { simulatedWorld } from '../world.ts'
import { openDoors } from './open.ts'

const refusal = (code: string) => expect.objectContaining({ name: 'KernelError', code })
const getLo = () => linkRequest(RT_LINK.getlink, {}, { ifindex: 1 })
const setMtu = (mtu: number) => linkRequest(RT_LINK.setlink, { mtu }, { ifindex: 1 })
const route = (doors: KernelDoors, options = {}) => doors.netlink({ protocol: NETLINK_ROUTE, ...options })

function machine() {
  const kernel = new Kernel({ world: simulatedWorld(1) })
  return { kernel, client: () => openDoors(kernel, kernel.createProcess()) }
}

/** The types of the next `count` messages. */
async function read(socket: NetlinkDoor, count: number): Promise<number[]> {
  const types: number[] = []
  for await (const datagram of socket.receive()) {
    types.push(...splitMessages(datagram.bytes).map((m) => m.header.type))
    if (types.length >= count) break
  }
  return types
}

describe('a netlink socket', () => {
  it('answers, before and after someone waits', async () => {
    const { client } = machine()
    const socket = await route(client())
    await socket.send(getLo())
    expect(await read(socket, 2)).toEqual([RTM_NEWLINK, 2])
    const waiting = read(socket, 2)
    await socket.send(getLo())
    expect(await waiting).toEqual([RTM_NEWLINK, 2])
  })

  it('says ENOBUFS once where messages were lost, and goes on', async () => {
    const { client } = machine()
    const [listener, asker] = [await route(client(), { receiveBuffer: 4000 }), await route(client())]
    await listener.join(1)
    for (let n = 0; n < 20; n++) await asker.send(setMtu(1000 + n))
    await expect(read(listener, 1)).rejects.toThrow(refusal('ENOBUFS'))
    expect(await read(listener, 1)).toEqual([RTM_NEWLINK])
  })

  it('ends for its reader when it is closed, also while one waits', async () => {
    const { client } = machine()
    const socket = await route(client())
    const waiting = read(socket, 1)
    await socket.close()
    await socket.close()
    expect(await waiting).toEqual([])
    await expect(socket.send(getLo())).rejects.toThrow(refusal('EBADF'))
  })

  it('refuses what no socket takes', async () => {
    const { client } = machine()
    const doors = client()
    const socket = await route(doors)
    await expect(socket.send(new Uint8Array(0))).rejects.toThrow(refusal('ENODATA'))
    await expect(socket.send(new Uint8Array(300_000))).rejects.toThrow(refusal('EMSGSIZE'))
    await expect(socket.join(0)).rejects.toThrow(refusal('EINVAL'))
    await expect(socket.leave(99)).rejects.toThrow(refusal('EINVAL'))
    await expect(doors.netlink({ protocol: 4 })).rejects.toThrow(refusal('EPROTONOSUPPORT'))
    await expect(route(doors, { portId: socket.portId })).rejects.toThrow(refusal('EADDRINUSE'))
    await expect(route(doors, { namespace: { fd: 77 } })).rejects.toThrow(refusal('EBADF'))
  })

  it('reads a dump as it goes', async () => {
    const { client } = machine()
    const socket = await route(client())
    await socket.send(linkRequest(RT_LINK.getlink, {}, {}, NLM_F_DUMP))
    expect(await read(socket, 2)).toEqual([RTM_NEWLINK, 3])
  })
})

describe('a client that goes', () => {
  it('leaves nothing behind: no socket, no port, no listener, no namespace that only it had open', async () => {
    const { kernel, client } = machine()
    const doors = client()
    await doors.namespaces.create('pod')
    const pod = await doors.namespaces.open({ name: 'pod' })
    const sockets = [await route(doors), await route(doors, { namespace: pod })]
    for (const socket of sockets) await socket.join(1)
    await doors.namespaces.remove('pod')
    expect(kernel.namespaces.size).toBe(2)
    const waiting = sockets.map((socket) => read(socket, 1))
    await doors.close()
    await doors.close()
    expect(await Promise.all(waiting)).toEqual([[], []])
    expect([kernel.namespaces.size, kernel.processes.size]).toEqual([1, 0])
    // Inside: what no message shows, that nobody is kept in the tables of the namespace that stays.
    expect(kernel.initialNs.ports.get(NETLINK_ROUTE)?.size).toBe(0)
    expect(kernel.initialNs.listeners.get(1)?.size).toBe(0)
  })

  it('does not disturb others', async () => {
    const { client } = machine()
    const [one, other] = [client(), client()]
    const socket = await route(other)
    await route(one)
    await one.close()
    await socket.send(getLo())
    expect(await read(socket, 2)).toEqual([RTM_NEWLINK, 2])
  })
})

describe('named namespaces', () => {
  it('are made, listed in order, opened and removed', async () => {
    const { client } = machine()
    const { namespaces } = client()
    for (const name of ['b', 'a', 'x'.repeat(255)]) await namespaces.create(name)
    expect(await namespaces.list()).toEqual(['b', 'a', 'x'.repeat(255)])
    const [one, again, current] = [
      await namespaces.open({ name: 'a' }),
      await namespaces.open({ name: 'a' }),
      await namespaces.open('current'),
    ]
    expect(again.inode).toBe(one.inode)
    expect(again.fd).not.toBe(one.fd)
    expect(current.inode).not.toBe(one.inode)
    await namespaces.remove('a')
    expect(await namespaces.list()).toEqual(['b', 'x'.repeat(255)])
  })

  it('are refused what cannot be', async () => {
    const { client } = machine()
    const { namespaces } = client()
    await namespaces.create('pod')
    await expect(namespaces.create('pod')).rejects.toThrow(refusal('EEXIST'))
    for (const name of ['', '.', '..', 'a/b', 'a\0b', 'x'.repeat(256)]) {
      await expect(namespaces.create(name)).rejects.toThrow(refusal('EINVAL'))
    }
    await expect(namespaces.remove('other')).rejects.toThrow(refusal('ENOENT'))
    await expect(namespaces.open({ name: 'other' })).rejects.toThrow(refusal('ENOENT'))
    await expect(namespaces.open({ pid: 1 })).rejects.toThrow(refusal('ESRCH'))
  })

  it('live on without their name while someone has them open', async () => {
    const { kernel, client } = machine()
    const doors = client()
    await doors.namespaces.create('pod')
    const handle = await doors.namespaces.open({ name: 'pod' })
    await doors.namespaces.remove('pod')
    const socket = await route(doors, { namespace: handle })
    await socket.send(getLo())
    expect(await read(socket, 2)).toEqual([RTM_NEWLINK, 2])
    await handle.close()
    expect(kernel.namespaces.size).toBe(2)
    await socket.close()
    expect(kernel.namespaces.size).toBe(1)
  })

  it('that are closed twice do not take another one’s descriptor along', async () => {
    const { kernel, client } = machine()
    const doors = client()
    await doors.namespaces.create('pod')
    const first = await doors.namespaces.open({ name: 'pod' })
    await first.close()
    const second = await doors.namespaces.open({ name: 'pod' })
    expect(second.fd).toBe(first.fd)
    await doors.namespaces.remove('pod')
    await first.close()
    await using socket = await route(doors, { namespace: second })
    expect(socket.portId).toBeGreaterThan(0)
    expect(kernel.namespaces.size).toBe(2)
  })

  it('need CAP_SYS_ADMIN to make and remove, not to look', async () => {
    const { kernel, client } = machine()
    await client().namespaces.create('pod')
    const credentials = { ...kernel.root, capabilities: without(ALL_CAPABILITIES, CAP_SYS_ADMIN) }
    const { namespaces } = openDoors(kernel, kernel.createProcess({ credentials }))
    await expect(namespaces.create('mine')).rejects.toThrow(refusal('EPERM'))
    await expect(namespaces.remove('pod')).rejects.toThrow(refusal('EPERM'))
    expect(await namespaces.list()).toEqual(['pod'])
    await using handle = await namespaces.open({ name: 'pod' })
    expect(handle.fd).toBeGreaterThan(2)
  })
})

it('connections made through one provider share a kernel, those of two do not', async () => {
  const [first, second] = [embedded(), embedded()]
  const [a, b, c] = [await first(), await first(), await second()]
  await a.namespaces.create('pod')
  expect(await b.namespaces.list()).toEqual(['pod'])
  expect(await c.namespaces.list()).toEqual([])
  expect([a.kind, a.release]).toEqual(['embedded', '7.3'])
})
