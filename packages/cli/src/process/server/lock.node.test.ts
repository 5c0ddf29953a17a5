import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockByPid, locker } from './lock.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netkit-lock-'))
  path = join(folder, 'lock')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A pid that no process has. */
const NOBODY = 0x3fff_fff0

test('only one holds the lock', async () => {
  const tryLock = await locker(path)
  const lock = tryLock()
  expect(lock).toBeDefined()
  expect(tryLock()).toBeUndefined()
  lock?.release()
  const again = tryLock()
  expect(again).toBeDefined()
  again?.release()
})

test('without locks of the machine: only one holds it', () => {
  const lock = lockByPid(path)
  expect(lock).toBeDefined()
  expect(lockByPid(path)).toBeUndefined()
  lock?.release()
  expect(existsSync(path)).toBe(false)
  lockByPid(path)?.release()
  expect(readdirSync(folder)).toEqual([])
})

test('without locks of the machine: that of a process that is gone is taken over', () => {
  writeFileSync(path, `${NOBODY}\n`)
  const lock = lockByPid(path)
  expect(lock).toBeDefined()
  expect(lockByPid(path)).toBeUndefined()
  lock?.release()
  expect(readdirSync(folder)).toEqual([])
})

test('without locks of the machine: a file that names nobody is taken over', () => {
  writeFileSync(path, 'nobody')
  const lock = lockByPid(path)
  expect(lock).toBeDefined()
  lock?.release()
})
