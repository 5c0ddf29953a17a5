import { chmodSync, chownSync, lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { kernelPaths } from './paths.ts'
import { checkPrivate, makePrivate, NotPrivateError } from './private-directory.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netkit-private-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('is made with all that is above it, for its owner alone', () => {
  const path = join(folder, 'a', 'b')
  expect(checkPrivate(path)).toBe(false)
  makePrivate(path)
  expect(lstatSync(path).mode & 0o777).toBe(0o700)
  expect(checkPrivate(path)).toBe(true)
})

test.each([0o755, 0o710, 0o701, 0o770])('is refused where others may use it (%o)', (mode) => {
  chmodSync(folder, mode)
  expect(() => makePrivate(folder)).toThrow(NotPrivateError)
  expect(() => makePrivate(folder)).toThrow(/chmod 700/)
})

test('is refused if it is a file or a link to elsewhere', () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  expect(() => makePrivate(file)).toThrow(/not a directory/)
  const link = join(folder, 'link')
  symlinkSync(folder, link)
  expect(() => makePrivate(link)).toThrow(/not a directory/)
})

test.skipIf(process.getuid?.() !== 0)('is refused if it belongs to somebody else (needs root to set up)', () => {
  chownSync(folder, 65534, 65534)
  expect(() => makePrivate(folder)).toThrow(/belongs to user 65534/)
})

test('the environment says where the kernel is', () => {
  expect(kernelPaths({ NETKIT_STATE: '/s', XDG_RUNTIME_DIR: folder })).toEqual({
    state: '/s',
    socket: '/s/kernel.sock',
  })
  expect(kernelPaths({ NETKIT_STATE: '/s', NETKIT_SOCKET: '/r/sock' })).toEqual({ state: '/s', socket: '/r/sock' })
  expect(kernelPaths({ XDG_RUNTIME_DIR: folder }).socket).toBe(join(folder, 'netkit', 'kernel.sock'))
  chmodSync(folder, 0o755)
  const { socket, state } = kernelPaths({ XDG_RUNTIME_DIR: folder })
  expect(socket).toBe(join(state, 'kernel.sock'))
})

test('a path that no socket can have is refused, with the way out', () => {
  expect(() => kernelPaths({ NETKIT_STATE: `/${'long/'.repeat(30)}` })).toThrow(/too long.*NETKIT_SOCKET/)
})
