/**
 * Has a Linux 7.3 play cases of programs and packets and keeps what came of them: `tsx conformance/datapath/record.ts RUN FILE
 * [FIRST COUNT]`, where RUN boots it as `conformance/linux/run` does. FILE: `random` or `written`.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addressOf, DEVICES, FIELDS, ifindexOf, LINKS, namespaceOf, OBSERVERS, VALUE_BYTES } from './case.ts'
import { randomCase, SETTINGS } from './generate.ts'
import { WRITTEN } from './written.ts'

const [run, file, first = '1', count = '40'] = process.argv.slice(2)
const random = SETTINGS.flatMap((settings, i) =>
  Array.from({ length: Number(count) }, (_, n) => randomCase(Number(first) + i * Number(count) + n, settings)),
)
const cases = file === 'random' ? random : WRITTEN
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
const answered = execFileSync(run, words, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] })
writeFileSync(join(import.meta.dirname, `../cases/datapath/${file}.jsonl`), answered)
rmSync(folder, { recursive: true })
