import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readCase } from './differential/cases.ts'
import { compare } from './differential/compare.ts'
import { playEmbedded } from './differential/embedded.ts'

const FOLDER = join(import.meta.dirname, 'cases/rtnl')

test.each(readdirSync(FOLDER).filter((file) => file.endsWith('.json')))(
  'the embedded kernel answers as Linux did: %s',
  (file) => {
    const { scenario, recorded } = readCase(join(FOLDER, file))
    expect(compare(scenario, recorded, playEmbedded(scenario))).toBeUndefined()
  },
)
