import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Creation, create, Player, type Run } from './bpf-maps/play.ts'

const FOLDER = join(import.meta.dirname, 'cases/bpf-maps')
const read = <T>(file: string): T[] =>
  readFileSync(join(FOLDER, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)

test('maps are made and refused as on Linux', async () => {
  for (const row of read<Creation>('create.jsonl')) {
    expect({ ...row, answer: await create(row) }).toEqual(row)
  }
})

/** Results of asking for the next key: there is one, or none. */
const FOUND: ReadonlySet<number> = new Set([0, -2])
/** Hashes keep their keys in an order of their own. */
const UNORDERED: ReadonlySet<number> = new Set([1, 5, 9, 10, 13, 25])

test.each(read<Run>('elements.jsonl'))('elements behave as on Linux: $name', async ({ map, steps }) => {
  const player = new Player(map)
  await player.open()
  for (const [n, step] of steps.entries()) {
    const { answer } = step
    const played = await player.play(step)
    if (step.op === 'next' && UNORDERED.has(map.type) && FOUND.has(answer.result)) {
      expect(FOUND.has(played.result), `step ${n} answered ${played.result}`).toBe(true)
    } else expect({ n, step, played }).toEqual({ n, step, played: answer })
  }
})
