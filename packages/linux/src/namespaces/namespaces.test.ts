import { execFileSync } from 'node:child_process'
import { closeSync, openSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { type KernelDoors, NETLINK_ROUTE, NLMSG_ERROR, RT_LINK, RTM_NEWLINK } from '@netkit/netlink'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Calls, calls } from '../ffi/calls.ts'
import { linux } from '../linux.ts'
import { currentNamespace } from '../testing/descriptors.ts'
import { asRoot, freshName, onLinux, refusal } from '../testing/here.ts'
import { makePair, makePlace } from '../testing/namespace.ts'
import { linkRequest, readTypes } from '../testing/requests.ts'
import { NETNS_DIR } from './files.ts'
import { elsewhere, inNamespace } from './switch.ts'

let doors: KernelDoors
const open = async () => {
  doors = await linux()()
}

const ip = (...words: string[]): string => execFileSync('ip', words, { encoding: 'utf8' })
const hasIp = (() => {
  try {
    return ip('-V') !== ''
  } catch {
    return false
  }
})()

onLinux('the namespace of this program', () => {
  beforeEach(open)
  afterEach(() => doors.close())

  test('is open to it without any privilege', async () => {
    const current = await doors.namespaces.open('current')
    const own = await doors.namespaces.open({ pid: process.pid })
    expect(current.inode).toBe(own.inode)
    expect(currentNamespace()).toBe(`net:[${current.inode}]`)
    const socket = await doors.netlink({ protocol: NETLINK_ROUTE, namespace: current })
    await socket.send(linkRequest(RT_LINK.getlink, {}, { ifindex: 1 }))
    expect(await readTypes(socket, 2)).toEqual([RTM_NEWLINK, NLMSG_ERROR])
  })

  test('is not that of a process that does not exist', async () => {
    await expect(doors.namespaces.open({ pid: 0x3fffffff })).rejects.toThrow(refusal('ESRCH'))
  })

  test('has no names that are no file names', async () => {
    for (const name of ['', '.', '..', 'a/b', 'a\0b', 'x'.repeat(256), 'ü'.repeat(128)]) {
      await expect(doors.namespaces.create(name)).rejects.toThrow(refusal('EINVAL'))
      await expect(doors.namespaces.remove(name)).rejects.toThrow(refusal('EINVAL'))
      await expect(doors.namespaces.open({ name })).rejects.toThrow(refusal('EINVAL'))
    }
  })
})

asRoot('named namespaces of the machine', () => {
  beforeEach(open)
  afterEach(() => doors.close())

  test('are made, listed in order, opened and removed', async () => {
    const { namespaces } = doors
    const names = [freshName(), freshName()]
    for (const name of [...names].reverse()) await namespaces.create(name)
    expect((await namespaces.list()).filter((name) => names.includes(name))).toEqual([...names].sort())
    await expect(namespaces.create(names[0])).rejects.toThrow(refusal('EEXIST'))
    const [one, again] = [await namespaces.open({ name: names[0] }), await namespaces.open({ name: names[0] })]
    expect(again.inode).toBe(one.inode)
    expect(again.fd).not.toBe(one.fd)
    for (const name of names) await namespaces.remove(name)
    await expect(namespaces.open({ name: names[0] })).rejects.toThrow(refusal('ENOENT'))
    await expect(namespaces.remove(names[0])).rejects.toThrow(refusal('ENOENT'))
  })

  test('live on without their name while someone has them open', async () => {
    const { namespaces } = doors
    const name = freshName()
    await namespaces.create(name)
    const handle = await namespaces.open({ name })
    await namespaces.remove(name)
    const socket = await doors.netlink({ protocol: NETLINK_ROUTE, namespace: handle })
    await socket.send(linkRequest(RT_LINK.getlink, {}, { ifindex: 1 }))
    expect(await readTypes(socket, 2)).toEqual([RTM_NEWLINK, NLMSG_ERROR])
    await handle.close()
    await handle.close()
    await expect(doors.netlink({ protocol: NETLINK_ROUTE, namespace: handle })).rejects.toThrow(refusal('EBADF'))
  })

  test('that are closed twice do not take another one’s descriptor along', async () => {
    await using place = await makePlace(doors)
    const first = await doors.namespaces.open({ name: place.name })
    await first.close()
    const second = await doors.namespaces.open({ name: place.name })
    expect(second.fd).toBe(first.fd)
    await first.close()
    const socket = await doors.netlink({ protocol: NETLINK_ROUTE, namespace: second })
    await socket.close()
  })

  test('whose mount has gone are no namespaces, and can be removed', async () => {
    await using place = await makePlace(doors) // so that the directory is there
    const name = freshName()
    closeSync(openSync(`${NETNS_DIR}/${name}`, 'wx'))
    await expect(doors.namespaces.open({ name })).rejects.toThrow(refusal('EINVAL'))
    await doors.namespaces.remove(name)
    expect(await doors.namespaces.list()).not.toContain(name)
    expect(place.handle.inode).toBeGreaterThan(0)
  })

  test.skipIf(!hasIp)('are those of `ip netns`', async () => {
    const [ours, theirs] = [freshName(), freshName()]
    await doors.namespaces.create(ours)
    ip('netns', 'add', theirs)
    expect(ip('netns', 'list')).toContain(ours)
    expect(await doors.namespaces.list()).toContain(theirs)
    const modes = [ours, theirs].map((name) => statSync(`${NETNS_DIR}/${name}`).mode)
    expect(modes[0]).toBe(modes[1])
    expect(ip('-n', ours, '-br', 'link')).toMatch(/^lo /)
    const handle = await doors.namespaces.open({ name: theirs })
    const socket = await doors.netlink({ protocol: NETLINK_ROUTE, namespace: handle })
    await makePair(socket, 'one', 'two')
    expect(ip('-n', theirs, '-br', 'link')).toMatch(/one@two|two@one/)
    await doors.namespaces.remove(theirs)
    ip('netns', 'del', ours)
    const left = await doors.namespaces.list()
    expect(left).not.toContain(ours)
    expect(left).not.toContain(theirs)
  })

  test('are not those whose maker was killed before it was done; such a name is free', async () => {
    const { namespaces } = doors
    const name = freshName()
    await using place = await makePlace(doors)
    expect(place).toBeDefined() // the directory is there
    writeFileSync(`${NETNS_DIR}/${name}`, '', { mode: 0, flag: 'wx' })
    expect(await namespaces.list()).not.toContain(name)
    await namespaces.create(name)
    expect(await namespaces.list()).toContain(name)
    await expect(namespaces.create(name)).rejects.toThrow(refusal('EEXIST'))
    await namespaces.remove(name)
    expect(await namespaces.list()).not.toContain(name)
  })
})

asRoot('the way into a namespace', () => {
  beforeEach(open)
  afterEach(() => doors.close())

  test('leads back, also from an exception', async () => {
    const c = await calls()
    await using place = await makePlace(doors)
    const home = currentNamespace()
    const inside = inNamespace(c, place.handle.fd, 'look', currentNamespace)
    expect(inside).toBe(`net:[${place.handle.inode}]`)
    const fail = () => {
      throw new Error('inside')
    }
    expect(() => inNamespace(c, place.handle.fd, 'fail', fail)).toThrow('inside')
    expect(() => elsewhere(c, 'fail', fail)).toThrow('inside')
    expect(currentNamespace()).toBe(home)
  })

  test('is not taken by who could not come back', async () => {
    const c = await calls()
    await using place = await makePlace(doors)
    const tried: number[] = []
    const barred: Calls = {
      ...c,
      setns: (fd) => {
        tried.push(fd)
        c.setns(-1, 0)
        return -1
      },
    }
    expect(() => inNamespace(barred, place.handle.fd, 'look', currentNamespace)).toThrow(refusal('EBADF'))
    expect(tried).toHaveLength(1)
    expect(tried[0]).not.toBe(place.handle.fd)
  })

  test('leads into network namespaces only', async () => {
    const c = await calls()
    const file = `/tmp/${freshName()}`
    writeFileSync(file, '')
    const fds = [openSync(file, 'r'), openSync('/proc/self/ns/user', 'r')]
    for (const fd of fds) {
      expect(() => inNamespace(c, fd, 'look', currentNamespace)).toThrow(refusal('EINVAL'))
      closeSync(fd)
    }
    unlinkSync(file)
  })
})
