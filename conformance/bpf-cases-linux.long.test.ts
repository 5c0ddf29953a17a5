import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { encode } from '@netkit/bpf'
import { expect, test } from 'vitest'
import { readCases } from './src/bpf/case-file.ts'

const FOLDER = join(import.meta.dirname, 'cases/bpf')
const RUNNER = join(FOLDER, 'linux.py')
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Cases that a kernel's verifier has to refuse, or that only newer kernels run. */
const REFUSED: Readonly<Record<string, string>> = {
  'alu/immediate-zero-divisors.case': 'the verifier refuses them',
  'alu/masked-shifts.case': 'the verifier refuses them',
  'call/deepest.case': '16 frames since Linux 7.3, and recursion is refused',
  'call/stack-arguments.case': 'since Linux 7.3',
  'jump/gotox.case': 'the address has to come from an instruction array map',
}

interface Answer {
  readonly file: string
  readonly line: number
  readonly result?: string
  readonly after?: string
  readonly refused?: string
}

test('the cases say what the kernel of this machine does', (t) => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) t.skip('needs root on Linux')
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.case') && !file.startsWith('fault/') && !(file in REFUSED))
    .sort()
  const runs = files.flatMap((file) =>
    readCases(readFileSync(join(FOLDER, file), 'utf8')).flatMap(({ code, runs }) =>
      runs.map((run) => ({ ...run, file, code: hex(encode(code)), memory: hex(run.memory) })),
    ),
  )
  const { stdout, stderr } = spawnSync('python3', [RUNNER], {
    input: JSON.stringify(runs),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (stderr.includes('Operation not permitted')) t.skip('bpf(2) is not permitted here')
  expect(stderr).toBe('')
  const answers: Answer[] = JSON.parse(stdout)
  const differ = answers.filter(({ result, after }, i) => {
    const { expected, after: expectedAfter } = runs[i]
    return result !== expected || (expectedAfter && after !== hex(expectedAfter))
  })
  expect(differ, `Linux ${release()}`).toEqual([])
  expect(answers.length).toBe(runs.length)
})
