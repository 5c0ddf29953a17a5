import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Player, type Sequence } from './bpf-attach/play.ts'

const FOLDER = join(import.meta.dirname, 'cases/bpf-attach')

const sequences = readdirSync(FOLDER).flatMap((file) =>
  readFileSync(join(FOLDER, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sequence),
)

test.each(sequences)(
  'programs are attached as on Linux, in the same order and with the same errors: $name',
  async ({ steps }) => {
    const player = new Player()
    await player.open()
    for (const [n, { answer, ...step }] of steps.entries()) {
      expect({ n, step, ...(await player.play(step)) }).toEqual({ n, step, ...answer })
    }
  },
)
