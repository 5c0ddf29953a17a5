import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Answer, Case } from './bpf-skb/case.ts'
import { EmbeddedRunner } from './bpf-skb/embedded.ts'
import { RECORDED } from './bpf-skb/recorded.ts'

const recorded = readFileSync(RECORDED, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case & { answer: Answer })

test(`${recorded.length} programs change packets as on Linux 7.3`, { timeout: 120_000 }, async () => {
  const runner = new EmbeddedRunner()
  for (const { answer, ...one } of recorded) {
    const { log: _, ...ours } = await runner.run(one)
    const { log: __, ...theirs } = answer
    expect({ name: one.name, ops: one.ops, ...ours }).toEqual({ name: one.name, ops: one.ops, ...theirs })
  }
})
