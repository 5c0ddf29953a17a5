/**
 * Has Linux verify all cases and keeps what it says: `tsx conformance/bpf-verify/record.ts RUN`, where RUN boots a Linux 7.3 as
 * `conformance/linux/run` does.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FOLDER, readCases } from './cases.ts'
import { ask, pythonOn } from './linux.ts'

const answers = ask(readCases(), pythonOn(process.argv[2]))
writeFileSync(join(FOLDER, 'answers.json'), `${JSON.stringify(answers, undefined, 2)}\n`)
