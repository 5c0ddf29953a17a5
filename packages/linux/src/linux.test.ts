import { type KernelDoors, NETLINK_ROUTE, NLM_F_DUMP, NLMSG_DONE, RT_LINK, RTM_NEWLINK } from '@netkit/netlink'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { linux } from './linux.ts'
import { currentNamespace, freshName, openDescriptors, skipReason } from './testing/here.ts'
import { linkRequest, nextOf, readTypes } from './testing/requests.ts'

const refusal = (code: string) => expect.objectContaining({ name: 'KernelError', code })
const getLo = () => linkRequest(RT_LINK.getlink, {}, { ifindex: 1 })

describe.skipIf(process.platform !== 'linux')('a netlink socket of the machine', () => {
  let doors: KernelDoors
  let before: number
  beforeEach(async () => {
    await (await linux()()).close() // loads what is loaded once
    before = openDescriptors()
    doors = await linux()()
  })
  afterEach(async () => {
    await doors.close()
    expect(openDescriptors()).toBe(before)
  })
  const route = (options = {}) => doors.netlink({ protocol: NETLINK_ROUTE, ...options })

  test('answers, before and after someone waits', async () => {
    const socket = await route()
    await socket.send(getLo())
    expect(await readTypes(socket, 2)).toEqual([RTM_NEWLINK, 2])
    const waiting = readTypes(socket, 2)
    await socket.send(getLo())
    expect(await waiting).toEqual([RTM_NEWLINK, 2])
  })

  test('reads a dump as it goes', async () => {
    const socket = await route()
    await socket.send(linkRequest(RT_LINK.getlink, {}, {}, NLM_F_DUMP))
    const types: number[] = []
    while (!types.includes(NLMSG_DONE)) types.push(...(await readTypes(socket, 1)))
    expect(types[0]).toBe(RTM_NEWLINK)
  })

  test('ends for its reader when it is closed, also while one waits', async () => {
    const socket = await route()
    const waiting = nextOf(socket)
    await new Promise((resolve) => setTimeout(resolve, 5))
    await socket.close()
    await socket.close()
    expect(await waiting).toBeUndefined()
    expect(await nextOf(socket)).toBeUndefined()
    await expect(socket.send(getLo())).rejects.toThrow(refusal('EBADF'))
    await expect(socket.join(1)).rejects.toThrow(refusal('EBADF'))
  })

  test('refuses what no socket takes', async () => {
    const socket = await route()
    await expect(socket.send(new Uint8Array(0))).rejects.toThrow(refusal('ENODATA'))
    await expect(socket.send(new Uint8Array(300_000))).rejects.toThrow(refusal('EMSGSIZE'))
    await expect(socket.join(0)).rejects.toThrow(refusal('EINVAL'))
    await expect(socket.leave(99)).rejects.toThrow(refusal('EINVAL'))
    await expect(doors.netlink({ protocol: 77 })).rejects.toThrow(refusal('EPROTONOSUPPORT'))
    await expect(route({ portId: socket.portId })).rejects.toThrow(refusal('EADDRINUSE'))
    await expect(route({ namespace: { fd: 4444 } })).rejects.toThrow(refusal('EBADF'))
  })
})

describe.skipIf(skipReason)(`named namespaces of the machine${skipReason ? ` (skipped: ${skipReason})` : ''}`, () => {
  test('are made, listed, opened, acted in and removed', async () => {
    const name = freshName()
    const home = currentNamespace()
    await using doors = await linux()()
    const { namespaces } = doors
    await namespaces.create(name)
    expect(await namespaces.list()).toContain(name)
    await expect(namespaces.create(name)).rejects.toThrow(refusal('EEXIST'))
    const [one, again, current] = [
      await namespaces.open({ name }),
      await namespaces.open({ name }),
      await namespaces.open('current'),
    ]
    expect(again.inode).toBe(one.inode)
    expect(current.inode).not.toBe(one.inode)
    const socket = await doors.netlink({ protocol: NETLINK_ROUTE, namespace: one })
    await socket.send(getLo())
    expect(await readTypes(socket, 2)).toEqual([RTM_NEWLINK, 2])
    await namespaces.remove(name)
    await expect(namespaces.open({ name })).rejects.toThrow(refusal('ENOENT'))
    await expect(namespaces.remove(name)).rejects.toThrow(refusal('ENOENT'))
    expect(currentNamespace()).toBe(home)
  })
})
