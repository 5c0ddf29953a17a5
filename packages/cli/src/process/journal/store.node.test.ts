import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { JournalFileError, JournalStore } from './store.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netkit-store-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const bytes = (...list: number[]) => new Uint8Array(list)
const file = (name: string) => join(folder, 'journal', name)

function opened(options?: ConstructorParameters<typeof JournalStore>[1]) {
  const store = new JournalStore(join(folder, 'journal'), options)
  const found = store.open()
  return { store, snapshot: found.snapshot, events: found.events.map((e) => [...e]), torn: found.torn }
}

test('what was committed is there again, what was not is not', () => {
  const first = opened()
  expect(first).toMatchObject({ snapshot: undefined, events: [], torn: 0 })
  first.store.append(bytes(1))
  first.store.append(bytes(2, 2))
  first.store.commit()
  first.store.append(bytes(3))
  const second = opened()
  expect(second.events).toEqual([[1], [2, 2]])
  second.store.append(bytes(4))
  second.store.close()
  expect(opened().events).toEqual([[1], [2, 2], [4]])
  expect(statSync(file('log')).mode & 0o777).toBe(0o600)
})

test('an end that was cut off is dropped, and what comes later is read', () => {
  const { store } = opened()
  store.append(bytes(1, 1, 1))
  store.append(bytes(2, 2, 2))
  store.close()
  truncateSync(file('log'), statSync(file('log')).size - 1)
  const again = opened()
  expect(again).toMatchObject({ events: [[1, 1, 1]], torn: 10 })
  again.store.append(bytes(3))
  again.store.close()
  expect(opened()).toMatchObject({ events: [[1, 1, 1], [3]], torn: 0 })
})

test('garbage behind the end is dropped', () => {
  const { store } = opened()
  store.append(bytes(1))
  store.close()
  appendFileSync(file('log'), bytes(9, 0, 0, 0, 1, 2, 3, 4, 9, 9, 9, 9, 9, 9, 9, 9, 9))
  expect(opened()).toMatchObject({ events: [[1]], torn: 17 })
})

test('a snapshot takes the place of all before it', () => {
  const { store } = opened()
  store.append(bytes(1))
  store.compact(['a', 'b'])
  store.append(bytes(2))
  store.close()
  expect(opened()).toMatchObject({ snapshot: ['a', 'b'], events: [[2]] })
})

test('a snapshot without lines is one', () => {
  const { store } = opened()
  store.append(bytes(1))
  store.compact([])
  store.close()
  expect(opened()).toMatchObject({ snapshot: [], events: [] })
})

test('a crash between the new snapshot and the new log does nothing twice', () => {
  const { store } = opened()
  store.append(bytes(1))
  store.append(bytes(2))
  store.commit()
  const old = readFileSync(file('log'))
  store.compact(['after 1 and 2'])
  store.close()
  writeFileSync(file('log'), old)
  const again = opened()
  expect(again).toMatchObject({ snapshot: ['after 1 and 2'], events: [] })
  again.store.append(bytes(3))
  again.store.close()
  expect(opened()).toMatchObject({ snapshot: ['after 1 and 2'], events: [[3]] })
})

test('a snapshot that could not be written whole changes nothing', () => {
  const { store } = opened()
  store.append(bytes(1))
  const broken = function* () {
    yield 'a'
    throw new Error('cannot be described')
  }
  expect(() => store.compact(broken())).toThrow('cannot be described')
  store.append(bytes(2))
  store.close()
  expect(opened()).toMatchObject({ snapshot: undefined, events: [[1], [2]] })
})

test('a damaged snapshot is refused, not half believed', () => {
  const { store } = opened()
  store.compact(['first line', 'second line'])
  store.close()
  const text = readFileSync(file('snapshot'))
  text[text.indexOf('second')] ^= 1
  writeFileSync(file('snapshot'), text)
  expect(() => opened()).toThrow(JournalFileError)
})

test('the log wants a snapshot when it has grown to a multiple of the last', () => {
  const { store } = opened({ compactBytes: 100 })
  const fill = (until: number) => {
    let n = 0
    for (; !store.wantsCompaction && n < until; n++) {
      store.append(new Uint8Array(20))
      store.commit()
    }
    return n
  }
  expect(fill(1000)).toBe(3)
  store.compact(['x'.repeat(1000)])
  expect(fill(1000)).toBeGreaterThan(100)
  store.close()
})

test('nothing is left when it is discarded', () => {
  const { store } = opened()
  store.append(bytes(1))
  store.compact(['a'])
  store.append(bytes(2))
  store.discard()
  expect(existsSync(file('log')) || existsSync(file('snapshot'))).toBe(false)
  expect(opened()).toMatchObject({ snapshot: undefined, events: [] })
})
