import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileFilter, FilterError } from '@netkit/bpf'
import { expect, test } from 'vitest'
import { REFUSED } from './filter/filters.ts'
import { FRAMES, wireLength } from './filter/frames.ts'

const answers = readFileSync(join(import.meta.dirname, 'cases/filter/tcpdump.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as [filter: string, frames: string])

test.each(answers)("a filter lets through what tcpdump's does: %s", (filter, frames) => {
  const { matches } = compileFilter(filter)
  const found = FRAMES.flatMap((frame, i) => (matches(frame, 0, frame.length, wireLength(frame, i)) ? [i] : []))
  expect(found.join(' ')).toBe(frames)
})

test.each(REFUSED)('what tcpdump refuses is refused: %s', (filter) => {
  expect(() => compileFilter(filter)).toThrow(FilterError)
})
