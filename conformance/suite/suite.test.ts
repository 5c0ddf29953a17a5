import { describe, expect, test } from 'vitest'
import { EMBEDDED } from './kinds/embedded.ts'
import { mismatch } from './matches.ts'
import { playRow } from './play.ts'
import { ROWS } from './rows/index.ts'

describe.each([EMBEDDED])('$name', (kind) => {
  for (const row of ROWS) {
    test(`${row.name} (${row.from})`, async ({ skip }) => {
      const why = kind.skips[row.name]
      if (why) skip(why)
      await playRow(kind, row)
    })
  }
})

test('a row that is not true is told so', async () => {
  const given = [{ do: 'add', kind: 'dummy', name: 'd0' }] as const
  const play = (rest: object) => playRow(EMBEDDED, { name: 'wrong', from: 'this test', given, ...rest })
  const again = { do: 'add', kind: 'dummy', name: 'd0' } as const
  await expect(play({ shows: { d0: { mtu: 1 } } })).rejects.toThrow('d0: mtu: 1 was expected, 1500 found')
  await expect(play({ shows: { d0: null } })).rejects.toThrow('d0 is there')
  await expect(play({ shows: { d1: {} } })).rejects.toThrow('d1 is not there')
  await expect(play({ when: again })).rejects.toThrow('refused: device add d0: EEXIST')
  await expect(play({ when: again, refused: { code: 'EBUSY' } })).rejects.toThrow('EBUSY was expected')
  await expect(play({ when: again, refused: { code: 'EEXIST', extack: 'x' } })).rejects.toThrow('extack: value: "x"')
  const set = { do: 'set', device: 'd0', to: { up: true } } as const
  await expect(play({ when: set, refused: { code: 'EPERM' } })).rejects.toThrow('it succeeded')
  await expect(play({ when: set, tells: { A: [] } })).rejects.toThrow('told in A')
  await expect(play({ queues: { d0: [7, 1] } })).rejects.toThrow('queues of d0')
  await expect(play({ nsids: { A: [3] } })).rejects.toThrow('nsids of A')
  await expect(play({ leases: { A: ['x'] } })).rejects.toThrow('leases in A')
  await expect(play({ given: [again, again] })).rejects.toThrow('given 2, add: device add d0: EEXIST')
})

test('names of rows are unique, and every skip is of a row', () => {
  const names = new Set(ROWS.map((row) => row.name))
  expect(names.size).toBe(ROWS.length)
  for (const name of Object.keys(EMBEDDED.skips)) expect(names).toContain(name)
})

test('parts are looked for, not the whole', () => {
  expect(mismatch({ a: 1 }, { a: 1, b: 2 })).toBeUndefined()
  expect(mismatch({ a: { b: [1, 2] } }, { a: { b: [1, 3] } })).toBe('a.b.1: 2 was expected, 3 found')
  expect(mismatch([1], [1, 2])).toBe('value: [1] was expected, [1,2] found')
  expect(mismatch({ a: undefined }, {})).toBeUndefined()
  expect(mismatch({ a: undefined }, { a: 0 })).toBe('a: nothing was expected, 0 found')
})
