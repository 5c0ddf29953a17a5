import { beforeAll, describe, expect, test } from 'vitest'
import { LINUX } from '../suite/kinds/linux.ts'
import { playRow } from '../suite/play.ts'
import { ROWS } from '../suite/rows/index.ts'

beforeAll(() => {
  for (const name of Object.keys(LINUX.skips)) expect(ROWS.map((row) => row.name)).toContain(name)
})

// Rows share nothing but the kernel, and those that listen wait for a second and more.
describe.concurrent('linux', () => {
  for (const row of ROWS) {
    test(`${row.name} (${row.from})`, async ({ skip }) => {
      const why = LINUX.skips[row.name]
      if (why) skip(why)
      await playRow(LINUX, row)
    })
  }
})
