import { fileURLToPath } from 'node:url'
import { check, show } from './layers/check.ts'

/** `npm run layers [FOLDER]`: says what breaks the import table of `tools/layers/table.ts`, one line each. */
const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url))
const findings = check(root)
for (const finding of findings) console.error(show(finding))
if (findings.length > 0) process.exitCode = 1
else console.log('layers: every import obeys the table')
