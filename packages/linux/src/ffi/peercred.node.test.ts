import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileLock } from './flock.ts'
import { peerCredentials } from './peercred.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netkit-ffi-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const linux = process.platform === 'linux'

test.skipIf(!linux)('the machine says who is at the other end of a unix socket', async () => {
  const ask = await peerCredentials()
  if (!ask) throw new Error('koffi does not load here')
  const path = join(folder, 'socket')
  const who = await new Promise((resolve) => {
    const server = createServer((socket) => {
      resolve(ask((socket as unknown as { _handle: { fd: number } })._handle.fd))
      socket.destroy()
      server.close()
    })
    server.listen(path, () => connect(path).on('error', () => undefined))
  })
  expect(who).toEqual({ pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() })
})

test.skipIf(!linux)('what is no socket is said with its errno', async () => {
  const ask = await peerCredentials()
  expect(() => ask?.(0x7fff)).toThrow(/errno 9/)
  const fd = openSync(join(folder, 'file'), 'w')
  expect(() => ask?.(fd)).toThrow(/errno 88/)
  closeSync(fd)
})

test.skipIf(!linux)('a lock is held by one and goes with its descriptor', async () => {
  const lock = await fileLock()
  if (!lock) throw new Error('koffi does not load here')
  const [one, other] = [0, 1].map(() => openSync(join(folder, 'lock'), 'a'))
  expect(lock(one)).toBe(true)
  expect(lock(one)).toBe(true)
  expect(lock(other)).toBe(false)
  closeSync(one)
  expect(lock(other)).toBe(true)
  closeSync(other)
  expect(() => lock(other)).toThrow(/errno 9/)
})
