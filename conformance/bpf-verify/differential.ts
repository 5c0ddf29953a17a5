/**
 * Has the machine's kernel (as root) and ours verify the same generated programs, and tells where they disagree:
 * `npx tsx --conditions=source conformance/bpf-verify/differential.ts [COUNT] [SEED] [RUN]`. With RUN, which boots a Linux 7.3 as
 * `conformance/linux/run` does, that one has the last word.
 */
import { verify } from '@netkit/bpf'
import { Chance } from '@netkit/netlink/testing'
import { type Answer, inputOf, parseMap, type VerifyCase } from './cases.ts'
import { GENERATED_MAPS, generate } from './generate.ts'
import { ask, localPython, type Python, pythonOn } from './linux.ts'

const BATCH = 250
/** E2BIG, EFAULT and ENOSPC: it looked no further, which says nothing of the program, and takes another kernel as long again. */
const GAVE_UP: ReadonlySet<number> = new Set([7, 14, 28])
const say = (line: string) => process.stdout.write(`${line}\n`)

const [count, seed] = [process.argv[2] ?? 1000, process.argv[3] ?? Date.now() % 1_000_000].map(Number)
const maps = GENERATED_MAPS.split(' ').map(parseMap)
const rows = Array.from({ length: count }, (_, i) => generate(new Chance(seed + i), maps, `${seed + i}`))
let [accepted, slowest] = [0, 0]

/** What a kernel says, where ours says something else. */
function disputed(asked: readonly VerifyCase[], python: Python): (readonly [VerifyCase, Answer])[] {
  const answers = ask(asked, python)
  return asked.flatMap((row, i) => {
    if (python === localPython && answers[i].errno === 0) accepted++
    const started = performance.now()
    const { errno } = verify({ ...inputOf(row), logLevel: 0 })
    slowest = Math.max(slowest, performance.now() - started)
    return errno === answers[i].errno ? [] : [[row, answers[i]] as const]
  })
}

const found: (readonly [VerifyCase, Answer])[] = []
for (let at = 0; at < count; at += BATCH) found.push(...disputed(rows.slice(at, at + BATCH), localPython))
const run = process.argv[4]
const asked = found.filter(([, { errno }]) => !GAVE_UP.has(errno)).map(([row]) => row)
const differ = run && asked.length > 0 ? disputed(asked, pythonOn(run)) : found
for (const [row, { errno, line }] of differ) {
  const { errno: here, log } = verify(inputOf(row))
  say(`== seed ${row.name} (${row.type}, ${row.caps}): Linux ${errno} ${line} | here ${here} ${log.at(-2)}`)
}
say(
  `${count} programs from seed ${seed} on: Linux accepts ${accepted}, ${differ.length} otherwise here, the slowest in ${slowest.toFixed(0)} ms`,
)
