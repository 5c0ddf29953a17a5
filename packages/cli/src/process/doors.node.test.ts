import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type KernelDoors, NETLINK_GENERIC, NETLINK_ROUTE, type NetlinkDoor, RTNLGRP_LINK } from '@netkit/netlink'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestKernel } from './testing/kernel-process.ts'
import { ask, deleteLink, dumpLinks, linkNames, moveToFd, moveToPid, newPair, setUp } from './testing/requests.ts'

let kernel: TestKernel
let client: KernelDoors

beforeAll(async () => {
  kernel = new TestKernel()
  client = await kernel.connect()
})
afterAll(async () => {
  await client.close()
  await kernel[Symbol.asyncDispose]()
})

const links = async (door: NetlinkDoor) => linkNames((await ask(door, dumpLinks())).datagrams)

test('a descriptor of the session means a namespace in requests, on all of its connections', async () => {
  await client.namespaces.create('pod')
  await using pod = await client.namespaces.open({ name: 'pod' })
  await using here = await client.netlink({ protocol: NETLINK_ROUTE })
  await using there = await client.netlink({ protocol: NETLINK_ROUTE, namespace: pod })
  expect((await ask(here, newPair('a0'))).errno).toBe(0)
  expect((await ask(here, moveToFd('a0', pod.fd))).errno).toBe(0)
  expect(await links(there)).toEqual(['lo', 'a0'])

  await using stranger = await kernel.connect()
  await using theirs = await stranger.netlink({ protocol: NETLINK_ROUTE })
  expect((await ask(theirs, moveToFd('nk0', pod.fd))).errno).toBe(9)
  await client.namespaces.remove('pod')
})

test('closed descriptors are none any more', async () => {
  await client.namespaces.create('brief')
  const handle = await client.namespaces.open({ name: 'brief' })
  const second = await client.namespaces.open({ name: 'brief' })
  expect(handle.fd).not.toBe(second.fd)
  expect(handle.inode).toBe(second.inode)
  await handle.close()
  await handle.close()
  await expect(client.netlink({ protocol: NETLINK_ROUTE, namespace: handle })).rejects.toMatchObject({ code: 'EBADF' })
  await client.namespaces.remove('brief')
  // The other descriptor keeps it alive.
  await using socket = await client.netlink({ protocol: NETLINK_ROUTE, namespace: second })
  expect(await links(socket)).toEqual(['lo'])
  await second.close()
})

test('a client lives in the namespace that it asks for, and can be found there by its pid', async () => {
  await client.namespaces.create('home')
  await using resident = await kernel.connect({ namespace: { name: 'home' } })
  await using inside = await resident.netlink({ protocol: NETLINK_ROUTE })
  expect(await links(inside)).toEqual(['lo'])
  await using home = await client.namespaces.open({ name: 'home' })
  await using here = await client.netlink({ protocol: NETLINK_ROUTE })
  await ask(here, newPair('b0'))
  // Both clients are this process; the second of them got another pid, by which its first socket is called.
  expect((await ask(here, moveToPid('b0', inside.portId))).errno).toBe(0)
  expect(await links(inside)).toContain('b0')
  expect(home.inode).toBe((await resident.namespaces.open('current')).inode)
  await expect(client.namespaces.open({ pid: 0x7ffffff0 })).rejects.toMatchObject({ code: 'ESRCH' })
})

test('privileges can be given up and are then missed', async () => {
  await using user = await kernel.connect({ credentials: { uid: 65534 } })
  await using socket = await user.netlink({ protocol: NETLINK_ROUTE })
  expect((await ask(socket, newPair('c0'))).errno).toBe(1)
  await expect(user.namespaces.create('mine')).rejects.toMatchObject({ code: 'EPERM' })
  await expect(user.hardware?.addNic({})).rejects.toMatchObject({ code: 'EPERM' })
  expect(await links(socket)).toContain('lo')

  await using nocap = await kernel.connect({ credentials: { capabilities: ['CAP_SYS_ADMIN', 11] } })
  await using weak = await nocap.netlink({ protocol: NETLINK_ROUTE })
  expect((await ask(weak, newPair('c0'))).errno).toBe(1)
  await nocap.namespaces.create('allowed')
  await expect(kernel.connect({ credentials: { capabilities: ['CAP_FLY'] } })).rejects.toMatchObject({ code: 'EINVAL' })
})

test('notifications come to those who joined, with their group', async () => {
  await using listener = await client.netlink({ protocol: NETLINK_ROUTE })
  await listener.join(RTNLGRP_LINK)
  await expect(listener.join(4000)).rejects.toMatchObject({ code: 'EINVAL' })
  await using socket = await client.netlink({ protocol: NETLINK_ROUTE })
  await ask(socket, newPair('d0'))
  const heard: number[] = []
  for await (const { group } of listener.receive()) {
    heard.push(group)
    if (heard.length === 2) break
  }
  expect(heard).toEqual([RTNLGRP_LINK, RTNLGRP_LINK])
  await listener.leave(RTNLGRP_LINK)
  await ask(socket, deleteLink('d0'))
})

test('namespaces that have an id are heard from afar, with it', async () => {
  await client.namespaces.create('far')
  await using far = await client.namespaces.open({ name: 'far' })
  await using listener = await client.netlink({ protocol: NETLINK_ROUTE, listenAllNsid: true })
  await listener.join(RTNLGRP_LINK)
  await using here = await client.netlink({ protocol: NETLINK_ROUTE })
  await ask(here, newPair('e0'))
  await ask(here, moveToFd('e0', far.fd))
  await using there = await client.netlink({ protocol: NETLINK_ROUTE, namespace: far })
  await ask(there, setUp('e0'))
  for await (const { nsid } of listener.receive()) if (nsid !== undefined) break
  await client.namespaces.remove('far')
})

test('port ids are those that are wanted, and free again when a socket is closed', async () => {
  const first = await client.netlink({ protocol: NETLINK_GENERIC, portId: 4242 })
  expect(first.portId).toBe(4242)
  await expect(client.netlink({ protocol: NETLINK_GENERIC, portId: 4242 })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
  for (let i = 0; i < 20; i++) {
    await first.close()
    await (await client.netlink({ protocol: NETLINK_GENERIC, portId: 4242 })).close()
  }
  await expect(client.netlink({ protocol: 9 })).rejects.toMatchObject({ code: 'EPROTONOSUPPORT' })
})

test('datagrams that Linux would not take are not taken', async () => {
  await using socket = await client.netlink({ protocol: NETLINK_ROUTE })
  await expect(socket.send(new Uint8Array(0))).rejects.toMatchObject({ code: 'ENODATA' })
  await expect(socket.send(new Uint8Array(300_000))).rejects.toMatchObject({ code: 'EMSGSIZE' })
  expect(await links(socket)).toContain('lo')
})

test('NICs, their wires and captures are used from here', async () => {
  const { hardware, packets } = client
  if (!hardware || !packets) throw new Error('doors are missing')
  const recording = join(kernel.paths.state, 'out.pcapng')
  const nic = await hardware.addNic({ queues: 4, name: 'eth7', wire: { kind: 'capture', to: { path: recording } } })
  expect(nic).toMatchObject({ name: 'eth7' })
  expect(await hardware.listNics()).toContainEqual(nic)
  await using socket = await client.netlink({ protocol: NETLINK_ROUTE })
  expect((await ask(socket, setUp('eth7'))).errno).toBe(0)

  const capture = await packets.capture({ devices: ['eth7'] })
  const frame = new Uint8Array(60).fill(0xaa)
  expect(await packets.transmit('eth7', [frame, frame])).toBe(2)
  const chunks: Uint8Array[] = []
  for await (const chunk of capture.read()) {
    chunks.push(chunk)
    if (Buffer.concat(chunks).includes(Buffer.from(frame))) break
  }
  await capture.close()
  expect(Buffer.concat(chunks).readUInt32LE(0)).toBe(0x0a0d0d0a)
  // IPv6 may have sent something by itself.
  const { sentFrames, sentBytes } = await hardware.progress(nic.id)
  expect([sentFrames >= 2, sentBytes >= 120]).toEqual([true, true])
  expect(readFileSync(recording).includes(Buffer.from(frame))).toBe(true)

  // A recording that comes as bytes, larger than a frame may be.
  const large = Buffer.concat(Array.from({ length: 20_000 }, () => frame))
  await hardware.connectWire(nic.id, { kind: 'capture', from: pcapOf(large, 60) })
  expect(await hardware.play(nic.id)).toMatchObject({ frames: 20_000, finished: true })

  await expect(hardware.addNic({ id: nic.id })).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(hardware.connectWire(nic.id, { kind: 'function', transmit: () => undefined })).rejects.toThrow(
    /name a file/,
  )
  await hardware.removeNic(nic.id)
  await expect(hardware.removeNic(nic.id)).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(packets.capture({ devices: ['none'] })).rejects.toMatchObject({ code: 'ENODEV' })
})

/** A pcap file of frames of `size` bytes. */
function pcapOf(frames: Uint8Array, size: number): Uint8Array {
  const head = new Uint8Array(24)
  const view = new DataView(head.buffer)
  view.setUint32(0, 0xa1b2c3d4, true)
  view.setUint16(4, 2, true)
  view.setUint16(6, 4, true)
  view.setUint32(16, 65_535, true)
  view.setUint32(20, 1, true)
  const parts: Uint8Array[] = [head]
  for (let at = 0; at < frames.length; at += size) {
    const record = new Uint8Array(16 + size)
    new DataView(record.buffer).setUint32(8, size, true)
    new DataView(record.buffer).setUint32(12, size, true)
    record.set(frames.subarray(at, at + size), 16)
    parts.push(record)
  }
  return Buffer.concat(parts)
}

test('wires are connected again after the end of the kernel process; recordings go on in another file', async () => {
  await using own = new TestKernel()
  const before = await own.connect()
  const recording = join(own.paths.state, 'wire.pcapng')
  const from = join(own.paths.state, 'gone.pcap')
  await before.hardware?.addNic({ id: 3, queues: 2, wire: { kind: 'capture', to: { path: recording } } })
  await before.hardware?.addNic({ id: 4, wire: { kind: 'capture', from: { path: from } } })
  await before.hardware?.addNic({ id: 5 })
  await before.hardware?.connectWire(5, { kind: 'nic', id: 4 })
  await own.kill()
  await using after = await own.connect()
  expect((await after.hardware?.listNics())?.map((nic) => nic.id)).toEqual([3, 4, 5])
  await using socket = await after.netlink({ protocol: NETLINK_ROUTE })
  expect((await ask(socket, setUp('eth0'))).errno).toBe(0)
  expect(await after.packets?.transmit('eth0', [new Uint8Array(60)])).toBe(1)
  expect(existsSync(join(own.paths.state, 'wire.2.pcapng'))).toBe(true)
  // IPv6 looks for others with its address by itself, a little later.
  expect((await after.hardware?.progress(3))?.sentFrames).toBeGreaterThanOrEqual(1)
})

test('settings of namespaces are as they were set after the end of the kernel process, killed or stopped', async () => {
  await using own = new TestKernel()
  const before = await own.connect()
  await before.namespaces.create('router')
  await using router = await before.namespaces.open({ name: 'router' })
  await before.sysctl?.write('net.ipv4.ip_forward', '1', router)
  await expect(before.sysctl?.write('net.ipv4.ip_default_ttl', '0', router)).rejects.toThrow('EINVAL')
  const forwards = async () => {
    await using after = await own.connect()
    await using there = await after.namespaces.open({ name: 'router' })
    return [await after.sysctl?.read('net.ipv4.ip_forward', there), await after.sysctl?.read('net.ipv4.ip_forward')]
  }
  await own.kill()
  expect(await forwards()).toEqual(['1', '0'])
  await own.control.stop()
  expect(await forwards()).toEqual(['1', '0'])
})
