/**
 * Draws docs/images/terminal.svg: a terminal with commands of this README and what they print, run against a fresh embedded
 * kernel. Run it again when the output of a command changes.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { type Files, run } from '@netkit/cli'
import { embedded, Kernel, simulatedWorld } from '@netkit/kernel'

const FILE = new URL('../docs/images/terminal.svg', import.meta.url)
const LINES = [
  'netns add pod',
  'nic add eth0 queues 8 wire examples/captures/to-host.pcapng',
  'link set eth0 up',
  'link add nk0 type netkit mode l2 peer name eth0 netns pod',
  '-n pod link add nk1 type netkit pairing single numrxqueues 2',
  'lease add dev nk1 netns pod from eth0 queue 7',
  'lease show',
  'nic steer eth0 flow-type tcp4 dst-port 8080 action 7',
  'nic play eth0',
  'queue stats dev eth0 type rx',
  '-n pod -br link show',
]
const WIDTH = 100
const CELL = { width: 8.4, height: 18 }
const MARGIN = 16

const readOnly = (path: string): never => {
  throw new Error(`${path} is not written for a picture`)
}
const files: Files = {
  read: async (path) => readFileSync(path),
  create: async (path) => readOnly(path),
  absolute: (path) => path,
}
const provider = embedded({
  kernel: new Kernel({ world: simulatedWorld(1), files: { read: (path) => [readFileSync(path)], write: readOnly } }),
})
const shown: { text: string; command: boolean }[] = []
for (const line of LINES) {
  let output = ''
  const write = (text: string): void => {
    output += text
  }
  shown.push({ text: `$ netkit ${line}`, command: true })
  const status = await run(line.split(' '), {
    kernel: provider,
    write,
    writeError: write,
    width: WIDTH,
    colors: false,
    version: '0',
    files,
    now: Date.now,
    interrupted: new AbortController().signal,
  })
  if (status !== 0) throw new Error(`netkit ${line}: ${output}`)
  for (const text of output.trimEnd().split('\n')) if (text !== '') shown.push({ text, command: false })
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const width = Math.ceil(Math.max(...shown.map((line) => line.text.length)) * CELL.width) + 2 * MARGIN
const height = shown.length * CELL.height + 2 * MARGIN
const rows = shown.map(({ text, command }, i) => {
  const y = MARGIN + (i + 0.75) * CELL.height
  return `<text x="${MARGIN}" y="${y}" class="${command ? 'c' : 'o'}" xml:space="preserve">${escaped(text)}</text>`
})
writeFileSync(
  FILE,
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A terminal: netkit creates a pair and a single device, leases a queue and shows counters">
<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}.c{fill:#7ee787;font-weight:600}.o{fill:#e6edf3}</style>
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
${rows.join('\n')}
</svg>
`,
)
process.exit(0)
