/**
 * Has a Linux 7.3 play cases of programs and packets and keeps what came of them: `tsx conformance/datapath/record.ts RUN KIND
 * [COUNT [FIRST [FILE]]]`, where RUN boots it as `conformance/linux/run` does. KIND: `written`, or `random`: so many for each of the
 * settings, from a seed on.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { addressOf, DEVICES, FIELDS, ifindexOf, LINKS, namespaceOf, OBSERVERS, VALUE_BYTES } from './case.ts'
import { randomCases } from './generate.ts'
import { WRITTEN } from './written.ts'

const [run, kind, count = '30', first = '1', file = `conformance/cases/datapath/${kind}.jsonl`] = process.argv.slice(2)
const to = resolve(file)
const cases = kind === 'random' ? randomCases(Number(first), Number(count)) : WRITTEN
const plan = {
  links: LINKS,
  devices: DEVICES,
  namespaces: Object.fromEntries(DEVICES.map((device) => [device, namespaceOf(device)])),
  addresses: Object.fromEntries(DEVICES.map((device) => [device, addressOf(device)])),
  indexes: Object.fromEntries(DEVICES.map((device) => [device, ifindexOf(device)])),
  fields: FIELDS.map(([name]) => name),
  valueBytes: VALUE_BYTES,
  observers: OBSERVERS,
}
const folder = mkdtempSync(join(tmpdir(), 'netkit-datapath-'))
copyFileSync(join(import.meta.dirname, 'play.py'), join(folder, 'play.py'))
writeFileSync(join(folder, 'cases.jsonl'), [plan, ...cases].map((line) => JSON.stringify(line)).join('\n'))
const words = ['--dir', folder, '--timeout', '1200', '--', 'python3', 'play.py', 'cases.jsonl']
const answered = execFileSync(run, words, {
  maxBuffer: 1 << 28,
  stdio: ['ignore', 'pipe', 'inherit'],
  encoding: 'utf8',
})
writeFileSync(to, answered)
rmSync(folder, { recursive: true })
