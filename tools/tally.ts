import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tally } from './tally/count.ts'

/** `tsx tools/tally.ts FOLDER RUN...`: one line that counts the tests of these runs, for whoever reads the log. */
const [folder = '.', ...runs] = process.argv.slice(2)
const files = runs.map((run) => join(folder, `${run}.json`))
const reports = files.map((file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined))
const { passed, failed } = tally(reports)
console.log(`${passed} passed, ${failed} failed`)
