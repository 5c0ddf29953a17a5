/** Builds what is compared with Linux into a folder: `tsx conformance/programs/build-all.ts FOLDER`. Without clang, nothing. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, whyNotBuilt } from './build.ts'
import { PROGRAM_CASES } from './cases/index.ts'

const folder = process.argv[2]
if (whyNotBuilt() === undefined)
  for (const { object } of PROGRAM_CASES) writeFileSync(join(folder, `${object}.o`), build(object))
