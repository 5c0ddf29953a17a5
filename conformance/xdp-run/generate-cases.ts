// Writes random test runs of XDP programs, one a line: for record.py.
// usage: npx tsx conformance/xdp-run/generate-cases.ts FIRST COUNT > cases.jsonl
import { randomRun } from './generate.ts'

const [first, count] = process.argv.slice(2).map(Number)
for (let n = 0; n < count; n++) process.stdout.write(`${JSON.stringify(randomRun(first + n))}\n`)
