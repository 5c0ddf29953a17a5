/**
 * Has a Linux run all cases and keeps what became of them: `tsx --conditions=source conformance/bpf-skb/record.ts RUN`, where RUN boots a
 * Linux 7.3 as `conformance/linux/run` does.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Generator } from './generate.ts'
import { runOnLinux } from './linux.ts'
import { RECORDED } from './recorded.ts'
import { WRITTEN } from './written.ts'

const COUNT = 400
const SEED = 20_261_122
/** Longer packets are compared live; here they would only take room. */
const MOST_HEX = 700
const MOST_LINE = 6000

const [run] = process.argv.slice(2)
const generator = new Generator(SEED)
const made = Array.from({ length: 2 * COUNT }, (_, n) => generator.case(`${SEED}.${n}`))
const cases = [...WRITTEN, ...made.filter(({ packet }) => packet.length <= MOST_HEX).slice(0, COUNT)]
const lines = runOnLinux(cases, run).map((answer, i) => `${JSON.stringify({ ...cases[i], answer })}\n`)
const isKept = (line: string, i: number): boolean => i < WRITTEN.length || line.length <= MOST_LINE
mkdirSync(dirname(RECORDED), { recursive: true })
writeFileSync(RECORDED, lines.filter(isKept).join(''))
