import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Player, type Sequence } from './xdp-attach/play.ts'

const FOLDER = join(import.meta.dirname, 'cases/xdp-attach')

const sequences = readdirSync(FOLDER).flatMap((file) =>
  readFileSync(join(FOLDER, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sequence),
)

test.each(sequences)(
  'XDP programs are attached as on Linux, with the same errors and notifications: $name',
  async ({ steps }) => {
    const player = new Player()
    await player.open()
    for (const [n, { answer, ...step }] of steps.entries()) {
      expect({ n, step, ...(await player.play(step)) }).toEqual({ n, step, ...answer })
    }
  },
)
