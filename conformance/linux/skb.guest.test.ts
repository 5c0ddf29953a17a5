import { expect, test } from 'vitest'
import { EmbeddedRunner } from '../bpf-skb/embedded.ts'
import { Generator } from '../bpf-skb/generate.ts'
import { runOnLinux } from '../bpf-skb/linux.ts'

const COUNT = 300
const SEED = 20_261_122
/** Tests are bundled, what they run is not. */
const RUNNER = '/host/conformance/bpf-skb/run.py'

test(`programs change packets as here: seed ${SEED}`, { timeout: 300_000 }, async () => {
  const generator = new Generator(SEED)
  const cases = Array.from({ length: COUNT }, (_, n) => generator.case(`${SEED}.${n}`))
  const answers = runOnLinux(cases, undefined, RUNNER)
  const runner = new EmbeddedRunner()
  for (const [n, { name, ops, ...rest }] of cases.entries()) {
    const { log: _, ...ours } = await runner.run({ name, ops, ...rest })
    const { log: __, ...theirs } = answers[n]
    expect({ name, ops, ...ours }).toEqual({ name, ops, ...theirs })
  }
})
