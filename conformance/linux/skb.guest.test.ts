import { expect, test } from 'vitest'
import { EmbeddedRunner } from '../bpf-skb/embedded.ts'
import { Generator } from '../bpf-skb/generate.ts'
import { runOnLinux } from '../bpf-skb/linux.ts'

const COUNT = 1000
/** Another one each day, or the one to look at again. */
const SEED = Number(process.env.NETKIT_SEED ?? Math.floor(Date.now() / 86_400_000))

test(`programs change packets as here: seed ${SEED}`, { timeout: 300_000 }, async () => {
  const generator = new Generator(SEED)
  const cases = Array.from({ length: COUNT }, (_, n) => generator.case(`${SEED}.${n}`))
  const answers = runOnLinux(cases)
  const runner = new EmbeddedRunner()
  for (const [n, { name, ops, ...rest }] of cases.entries()) {
    const { log: _, ...ours } = await runner.run({ name, ops, ...rest })
    const { log: __, ...theirs } = answers[n]
    expect({ name, ops, ...ours }).toEqual({ name, ops, ...theirs })
  }
})
