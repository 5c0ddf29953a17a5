/**
 * Has the machine's kernel (root) and ours verify the same generated programs, and tells where they disagree:
 * `npx tsx --conditions=source conformance/bpf-verify/differential.ts [COUNT] [SEED]`.
 */
import { verify } from '@netkit/bpf'
import { Chance } from '@netkit/netlink/testing'
import { inputOf, parseMap } from './cases.ts'
import { GENERATED_MAPS, generate } from './generate.ts'
import { ask, localPython } from './linux.ts'

const BATCH = 250
/** Logs of longer ones are not written. */
const LONG = 20_000
const say = (line: string) => process.stdout.write(`${line}\n`)

const [count, seed] = [process.argv[2] ?? 1000, process.argv[3] ?? Date.now() % 1_000_000].map(Number)
const maps = GENERATED_MAPS.split(' ').map(parseMap)
let [accepted, differ, slowest] = [0, 0, 0]
for (let first = seed; first < seed + count; first += BATCH) {
  const rows = Array.from({ length: Math.min(BATCH, seed + count - first) }, (_, i) =>
    generate(new Chance(first + i), maps, `${first + i}`),
  )
  const answers = ask(rows, localPython)
  for (const [i, row] of rows.entries()) {
    const { errno, line } = answers[i]
    const started = performance.now()
    const quick = verify({ ...inputOf(row), logLevel: 0 })
    slowest = Math.max(slowest, performance.now() - started)
    if (errno === 0) accepted++
    if (quick.errno === errno) continue
    differ++
    const verdict = quick.looked < LONG ? verify(inputOf(row)) : quick
    say(
      `== seed ${row.name} (${row.type}, ${row.caps}): Linux ${errno} ${line} | here ${verdict.errno} ${verdict.log.at(-2)}`,
    )
  }
}
say(
  `${count} programs from seed ${seed} on: Linux accepts ${accepted}, ${differ} otherwise here, the slowest in ${slowest.toFixed(0)} ms`,
)
