import {
  decodeDone,
  errno,
  type KernelDoors,
  NETLINK_ROUTE,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLMSG_DONE,
  NLMSG_ERROR,
  RT_LINK,
  RT_NSID,
  RTM_NEWLINK,
  RTNLGRP_LINK,
  splitMessages,
} from '@netkit/netlink'
import { routeMessage } from '@netkit/netlink/testing'
import koffi from 'koffi'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SOCKADDR_NL } from '../ffi/layouts.ts'
import { AF_NETLINK } from '../ffi/numbers.ts'
import { linux } from '../linux.ts'
import { asRoot, onLinux, refusal } from '../testing/here.ts'
import { makePair, makePlace, perform, setMtu } from '../testing/namespace.ts'
import { linkRequest, nextOf, read, readTypes } from '../testing/requests.ts'

const getLo = () => linkRequest(RT_LINK.getlink, {}, { ifindex: 1 })
const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

let doors: KernelDoors
const open = async () => {
  doors = await linux()()
}
const route = (options = {}) => doors.netlink({ protocol: NETLINK_ROUTE, ...options })

onLinux('a netlink socket of the machine', () => {
  beforeEach(open)
  afterEach(() => doors.close())

  test('answers, before and after someone waits', async () => {
    const socket = await route()
    await socket.send(getLo())
    expect(await readTypes(socket, 2)).toEqual([RTM_NEWLINK, NLMSG_ERROR])
    const waiting = readTypes(socket, 2)
    await socket.send(getLo())
    expect(await waiting).toEqual([RTM_NEWLINK, NLMSG_ERROR])
    const later = readTypes(socket, 2)
    await turn()
    await socket.send(getLo())
    expect(await later).toEqual([RTM_NEWLINK, NLMSG_ERROR])
  })

  test('gives each of several readers the next datagram, in the order in which they asked', async () => {
    const socket = await route()
    const reader = socket.receive()[Symbol.asyncIterator]()
    const both = Promise.all([reader.next(), reader.next()])
    await socket.send(getLo())
    expect((await both).flatMap(({ value }) => splitMessages(value.bytes).map((m) => m.header.type))).toEqual([
      RTM_NEWLINK,
      NLMSG_ERROR,
    ])
  })

  test('hands out bytes that it never writes to again', async () => {
    const socket = await route()
    await socket.send(getLo())
    const first = await nextOf(socket)
    const copy = first?.bytes.slice()
    await readTypes(socket, 1)
    await socket.send(linkRequest(RT_LINK.getlink, {}, {}, NLM_F_DUMP))
    await readTypes(socket, 2)
    expect(first?.bytes).toEqual(copy)
  })

  test('reads a dump as it goes', async () => {
    const socket = await route()
    await socket.send(linkRequest(RT_LINK.getlink, {}, {}, NLM_F_DUMP))
    const types: number[] = []
    while (!types.includes(NLMSG_DONE)) types.push(...(await readTypes(socket, 1)))
    expect(types.length).toBeGreaterThan(1)
    expect(new Set(types.slice(0, -1))).toEqual(new Set([RTM_NEWLINK]))
  })

  test('checks requests strictly and explains refusals, unless told otherwise', async () => {
    // A dump request may not ask for an index: a strict kernel refuses it, and says so.
    const wrong = linkRequest(RT_LINK.getlink, {}, { change: 1 }, NLM_F_DUMP)
    const strict = await route()
    await strict.send(wrong)
    const [refused] = await read(strict, 1)
    expect(decodeDone(refused)).toMatchObject({ errno: errno.EINVAL, extack: { msg: expect.any(String) } })
    const lenient = await route({ strict: false, extAck: false })
    await lenient.send(wrong)
    expect((await readTypes(lenient, 1))[0]).toBe(RTM_NEWLINK)
  })

  test('ends for its reader when it is closed, also while one waits', async () => {
    const socket = await route()
    const waiting = nextOf(socket)
    await turn()
    await socket.close()
    await socket.close()
    expect(await waiting).toBeUndefined()
    expect(await nextOf(socket)).toBeUndefined()
    await expect(socket.send(getLo())).rejects.toThrow(refusal('EBADF'))
    await expect(socket.join(1)).rejects.toThrow(refusal('EBADF'))
  })

  test('goes with its connection, which then opens no other', async () => {
    const socket = await route()
    const waiting = nextOf(socket)
    await doors.close()
    await doors.close()
    expect(await waiting).toBeUndefined()
    await expect(route()).rejects.toThrow(refusal('EBADF'))
    await expect(doors.namespaces.open('current')).rejects.toThrow(refusal('EBADF'))
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
    await expect(route({ namespace: { fd: 0 } })).rejects.toThrow(refusal('EBADF'))
  })

  test('has the port id that was asked for', async () => {
    const socket = await route({ portId: 0x7fff_1234 })
    expect(socket.portId).toBe(0x7fff_1234)
  })

  test('lets timers have their turn, however fast it is asked', async () => {
    const socket = await route()
    const reader = socket.receive()[Symbol.asyncIterator]()
    let over = false
    setTimeout(() => {
      over = true
    }, 20)
    while (!over) {
      await socket.send(linkRequest(RT_LINK.getlink, {}, { ifindex: 1 }, 0))
      await reader.next()
    }
  })
})

asRoot('a netlink socket that listens', () => {
  beforeEach(open)
  afterEach(() => doors.close())

  test('hears of its groups, and not of others', async () => {
    await using place = await makePlace(doors)
    const listener = await route({ namespace: place.handle })
    await listener.join(RTNLGRP_LINK)
    const heard = nextOf(listener)
    await makePair(place.route, 'a', 'b')
    expect((await heard)?.group).toBe(RTNLGRP_LINK)
    expect(await readTypes(listener, 1)).toEqual([RTM_NEWLINK])
    await listener.leave(RTNLGRP_LINK)
    await setMtu(place.route, 2, 1400)
    const silent = nextOf(listener)
    await turn()
    await listener.close()
    expect(await silent).toBeUndefined()
  })

  test('is told from which namespace a datagram comes, if it listens to all', async () => {
    await using here = await makePlace(doors)
    await using there = await makePlace(doors)
    const attrs = { fd: there.handle.fd, nsid: 4321 }
    await perform(here.route, routeMessage(RT_NSID.newnsid, {}, attrs, { flags: 1 | NLM_F_ACK, seq: 1 }))
    const listener = await route({ namespace: here.handle, listenAllNsid: true })
    await listener.join(RTNLGRP_LINK)
    const heard = nextOf(listener)
    await makePair(there.route, 'a', 'b')
    expect(await heard).toMatchObject({ group: RTNLGRP_LINK, nsid: 4321 })
    for (let i = 0; i < 2; i++) await setMtu(here.route, 1, 60_000 + i)
    let own = await nextOf(listener)
    while (own?.nsid !== undefined) own = await nextOf(listener)
    expect(own?.group).toBe(RTNLGRP_LINK)
  })

  test('says ENOBUFS once where messages were lost, and goes on', async () => {
    await using place = await makePlace(doors)
    const listener = await route({ namespace: place.handle, receiveBuffer: 8192 })
    await listener.join(RTNLGRP_LINK)
    for (let n = 0; n < 50; n++) await setMtu(place.route, 1, 10_000 + n)
    await expect(nextOf(listener)).rejects.toThrow(refusal('ENOBUFS'))
    expect(await readTypes(listener, 1)).toEqual([RTM_NEWLINK])
  })

  test('says ENOBUFS to the one who waits, too', async () => {
    await using place = await makePlace(doors)
    const listener = await route({ namespace: place.handle, receiveBuffer: 8192 })
    await listener.join(RTNLGRP_LINK)
    let heard = 0
    const lost = (async () => {
      for await (const _ of listener.receive()) heard++
    })()
    lost.catch(() => undefined)
    await turn()
    for (let n = 0; n < 200; n++) await setMtu(place.route, 1, 10_000 + n)
    await expect(lost).rejects.toThrow(refusal('ENOBUFS'))
    expect(heard).toBeLessThan(200)
    // And goes on, with what was kept and with what comes.
    let after = 0
    const goingOn = (async () => {
      for await (const _ of listener.receive()) after++
    })()
    await turn()
    const kept = after
    await setMtu(place.route, 1, 20_000)
    await turn()
    expect(after).toBeGreaterThan(kept)
    await listener.close()
    await goingOn
  })

  test('has as much room as it was given', async () => {
    await using place = await makePlace(doors)
    const listener = await route({ namespace: place.handle, receiveBuffer: 16 << 20 })
    await listener.join(RTNLGRP_LINK)
    for (let n = 0; n < 1000; n++) await setMtu(place.route, 1, 10_000 + n)
    expect(await readTypes(listener, 1000)).toHaveLength(1000)
  })

  test('hears nobody but the kernel', async () => {
    const library = koffi.load(null)
    const sendto = library.func('intptr_t sendto(int, void *, size_t, int, void *, uint32_t)')
    const listener = await route()
    await listener.join(RTNLGRP_LINK)
    const fd = library.func('int socket(int, int, int)')(AF_NETLINK, 3, NETLINK_ROUTE)
    const lie = getLo()
    const say = (portId: number, groups: number): number => {
      const address = new DataView(new ArrayBuffer(SOCKADDR_NL.size))
      address.setUint16(SOCKADDR_NL.family, AF_NETLINK, true)
      address.setUint32(SOCKADDR_NL.pid, portId, true)
      address.setUint32(SOCKADDR_NL.groups, groups, true)
      return sendto(fd, lie, lie.length, 0, address, SOCKADDR_NL.size)
    }
    const heard = nextOf(listener)
    for (let n = 0; n < 100; n++) {
      expect(say(listener.portId, 0)).toBe(-1)
      expect(say(0, 1 << (RTNLGRP_LINK - 1))).toBe(lie.length)
    }
    await turn()
    await listener.send(getLo())
    library.func('int close(int)')(fd)
    expect(splitMessages((await heard)?.bytes ?? new Uint8Array())[0].header.type).toBe(RTM_NEWLINK)
  })
})
