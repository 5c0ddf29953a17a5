import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readCase } from './differential/cases.ts'
import { compare } from './differential/compare.ts'
import { playEmbedded, releaseOf } from './differential/embedded.ts'

const CASES = ['rtnl', '7.3', '6.12'].flatMap((folder) =>
  readdirSync(join(import.meta.dirname, 'cases', folder))
    .filter((file) => file.endsWith('.json'))
    .map((file) => `${folder}/${file}`),
)

test.each(CASES)('the embedded kernel answers as Linux did: %s', (file) => {
  const { scenario, recorded } = readCase(join(import.meta.dirname, 'cases', file))
  expect(compare(scenario, recorded, playEmbedded(scenario, releaseOf(recorded.kernel)))).toBeUndefined()
})
