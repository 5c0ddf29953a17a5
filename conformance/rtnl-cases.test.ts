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
    const played = playEmbedded(scenario)
    // Most cases were recorded by monitors of rtnetlink alone.
    const heard = new Set(recorded.steps.flatMap(({ notify }) => notify.map(([, proto]) => proto)))
    const steps = played.steps.map((step) => ({
      ...step,
      notify: step.notify.filter(([, proto]) => proto === 'route' || heard.has(proto)),
    }))
    expect(compare(scenario, recorded, { ...played, steps })).toBeUndefined()
  },
)
