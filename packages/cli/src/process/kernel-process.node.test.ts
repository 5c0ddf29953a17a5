import { existsSync, lstatSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { NETLINK_ROUTE } from '@netkit/netlink'
import { expect, test } from 'vitest'
import { TestKernel } from './testing/kernel-process.ts'
import { ask, dumpLinks, linkNames, newPair } from './testing/requests.ts'

test('starts on first use, only its owner can reach it, and stops', async () => {
  await using kernel = new TestKernel()
  expect(await kernel.control.status()).toBeUndefined()
  const client = await kernel.connect()
  const status = (await kernel.control.status())!
  expect(status).toMatchObject({
    pid: kernel.pid,
    release: '7.3',
    socket: kernel.paths.socket,
    devices: 1,
    namespaces: 1,
  })
  expect(lstatSync(kernel.paths.socket).mode & 0o777).toBe(0o600)
  expect(lstatSync(dirname(kernel.paths.socket)).mode & 0o777).toBe(0o700)
  for (const file of readdirSync(kernel.paths.state))
    expect(lstatSync(`${kernel.paths.state}/${file}`).mode & 0o077).toBe(0)
  await client.close()
  expect(await kernel.control.stop()).toBe(true)
  expect(await kernel.control.stop()).toBe(false)
  expect(existsSync(kernel.paths.socket)).toBe(false)
})

test('clients that start it at once get one kernel', async () => {
  await using kernel = new TestKernel()
  const clients = await Promise.all(Array.from({ length: 8 }, () => kernel.connect()))
  await clients[0].namespaces.create('common')
  for (const client of clients) expect(await client.namespaces.list()).toEqual(['common'])
  expect((await kernel.control.status())!.clients).toBe(clients.length + 1)
  await Promise.all(clients.map((client) => client.close()))
})

test('keeps its configuration over a stop, unless it is to forget it', async () => {
  await using kernel = new TestKernel()
  const names = async () => {
    await using client = await kernel.connect()
    const list = await client.namespaces.list()
    await client.namespaces.create(`n${list.length}`)
    return list
  }
  expect(await names()).toEqual([])
  await kernel.control.stop()
  expect(await names()).toEqual(['n0'])
  await kernel.control.stop({ discard: true })
  expect(await names()).toEqual([])
  await kernel.control.stop()
  await kernel.control.stop({ discard: true })
  expect(await names()).toEqual([])
})

test('a socket that a killed kernel left behind is replaced', async () => {
  await using kernel = new TestKernel()
  await kernel.connect()
  await kernel.kill()
  expect(existsSync(kernel.paths.socket)).toBe(true)
  const before = kernel.pid
  const clients = await Promise.all(Array.from({ length: 4 }, () => kernel.connect()))
  expect(kernel.pid).not.toBe(before)
  expect((await kernel.control.status())!.clients).toBe(clients.length + 1)
})

test('SIGTERM ends it cleanly', async () => {
  await using kernel = new TestKernel()
  const client = await kernel.connect()
  const socket = await client.netlink({ protocol: NETLINK_ROUTE })
  process.kill(kernel.pid, 'SIGTERM')
  await expect(
    (async () => {
      for await (const datagram of socket.receive()) throw new Error(`unexpected ${datagram.bytes.length} bytes`)
    })(),
  ).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(existsSync(kernel.paths.socket)).toBe(false)
  // The connection ends before the process does.
  const last = async (): Promise<string | undefined> => {
    let line = '{}'
    for await (line of kernel.control.log({ lines: 1 }));
    return (JSON.parse(line) as { msg?: string }).msg
  }
  await expect.poll(last, { timeout: 10_000 }).toBe('stopped')
})

test('a second kernel with another state stays away from a socket that is in use', async () => {
  await using kernel = new TestKernel()
  await kernel.connect()
  await using other = new TestKernel()
  const { startKernel } = await import('./client/start.ts')
  const paths = { ...other.paths, socket: kernel.paths.socket }
  await expect(startKernel({ ...other.options, paths })).rejects.toThrow(/another state listens/)
  expect((await kernel.control.status())!.pid).toBe(kernel.pid)
})

test('a file that is no socket is not removed', async () => {
  await using kernel = new TestKernel()
  writeFileSync(kernel.paths.socket, 'mine')
  await expect(kernel.connect()).rejects.toThrow(/is not a socket/)
  expect(lstatSync(kernel.paths.socket).isFile()).toBe(true)
})

test('a journal of another version is left alone', async () => {
  await using kernel = new TestKernel()
  const { mkdirSync } = await import('node:fs')
  mkdirSync(`${kernel.paths.state}/journal`, { mode: 0o700 })
  writeFileSync(`${kernel.paths.state}/journal/log`, 'netkit journal 99\n12345678')
  await expect(kernel.connect()).rejects.toThrow(/not a journal of this version/)
})

test('a socket of somebody who is no kernel is refused, not believed', async () => {
  await using kernel = new TestKernel()
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>((resolve) => server.listen(kernel.paths.socket, resolve))
  await expect(kernel.connect()).rejects.toThrow(/frame of \d+ bytes/)
  server.close()
})

test('devices are made and dumped over the socket', async () => {
  await using kernel = new TestKernel()
  await using client = await kernel.connect()
  const socket = await client.netlink({ protocol: NETLINK_ROUTE })
  expect((await ask(socket, newPair('a0'))).errno).toBe(0)
  expect((await ask(socket, newPair('a0'))).errno).toBe(17)
  expect(linkNames((await ask(socket, dumpLinks())).datagrams)).toEqual(['lo', 'nk0', 'a0'])
})

test('does beyond Linux what it was started for, that time', async () => {
  await using kernel = new TestKernel()
  const { status } = await kernel.control.start({ extensions: ['netkit-xdp'] })
  expect(status.extensions).toEqual(['netkit-xdp'])
  await kernel.control.stop()
  expect((await kernel.control.start()).status.extensions).toEqual([])
  await kernel.control.stop()
  await expect(kernel.control.start({ extensions: ['more'] })).rejects.toThrow("no extension 'more'")
})
