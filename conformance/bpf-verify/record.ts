/**
 * Has the machine's kernel verify all cases and keeps what it says: `tsx conformance/bpf-verify/record.ts RUN`, where RUN boots
 * a Linux 7.3 as `conformance/linux/run` does.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assemble, encode, PROG_TYPE } from '@netkit/bpf'
import { FOLDER, readCases } from './cases.ts'

const [run] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'netkit-verify-'))
copyFileSync(join(import.meta.dirname, 'load.py'), join(folder, 'load.py'))
const programs = readCases().map(({ name, type, license, caps, asm, maps }) => ({
  name,
  type: PROG_TYPE[type],
  license,
  caps,
  code: Buffer.from(encode(assemble(asm))).toString('hex'),
  maps: maps.map(({ type: t, keySize, valueSize, maxEntries, flags }) => [t, keySize, valueSize, maxEntries, flags]),
}))
writeFileSync(join(folder, 'programs.json'), JSON.stringify(programs))
const out = execFileSync(run, ['--dir', folder, '--timeout', '600', '--', 'python3', 'load.py'], { maxBuffer: 1 << 26 })
const answers = JSON.parse(out.toString()) as object[]
writeFileSync(join(FOLDER, 'answers.json'), `${JSON.stringify(answers, undefined, 1)}\n`)
rmSync(folder, { recursive: true })
