import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readLog } from '../client/log-reader.ts'
import { openLog } from './log.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netkit-log-'))
  path = join(folder, 'kernel.log')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function lines(count?: number): Promise<number[]> {
  const all: number[] = []
  for await (const line of readLog(path, { lines: count })) all.push((JSON.parse(line) as { n: number }).n)
  return all
}

test('never takes more than twice its bound, and keeps the newest', async () => {
  const log = openLog(path, 'info', 2000)
  for (let n = 0; n < 200; n++) log.info({ n })
  expect(statSync(path).size).toBeLessThanOrEqual(2000)
  expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(2000)
  const kept = await lines()
  expect(kept.at(-1)).toBe(199)
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 200 - kept.length + i))
  expect(await lines(3)).toEqual([197, 198, 199])
})

test('a line longer than the bound is cut', () => {
  const log = openLog(path, 'info', 500)
  log.info('x'.repeat(5000))
  expect(readFileSync(path).length).toBe(500)
})

test('a level that is none says so and is not used', async () => {
  openLog(path, 'loud').info({ n: 1 })
  expect(readFileSync(path, 'utf8')).toMatch(/NETKIT_LOG is not a level/)
  expect((await lines()).at(-1)).toBe(1)
})

test('can be followed over the change of files, until aborted', async () => {
  const log = openLog(path, 'info', 2500)
  log.info({ n: 0 })
  const stop = new AbortController()
  const seen: number[] = []
  const writing = (async () => {
    for (let n = 1; n <= 40; n++) {
      log.info({ n })
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  })()
  for await (const line of readLog(path, { follow: stop.signal })) {
    seen.push((JSON.parse(line) as { n: number }).n)
    if (seen.at(-1) === 40) stop.abort()
  }
  await writing
  expect(seen).toEqual(Array.from({ length: 41 }, (_, i) => i))
})
