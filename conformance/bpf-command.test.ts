import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { encode } from '@netkit/bpf'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCases } from './src/bpf/case-file.ts'

/** Every case of the instruction set once more, through the command as it is built: as whoever tests conformance runs it. */
const ROOT = join(import.meta.dirname, '..')
const CASES = join(import.meta.dirname, 'cases/bpf')
const CACHE = join(ROOT, 'packages/cli/node_modules/.cache')
const { resolve } = createRequire(import.meta.url)

let folder: string

beforeAll(() => {
  mkdirSync(CACHE, { recursive: true })
  folder = mkdtempSync(join(CACHE, 'bare-'))
  execFileSync(process.execPath, [resolve('tsx/cli'), join(ROOT, 'tools/command.ts'), folder])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const netkit = (input: string | Uint8Array, ...words: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'netkit.cjs'), ...words], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return { status, out: stdout, err: stderr }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The runs of all files that an engine has the instructions for. */
const RUNS = readdirSync(CASES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.case') && !file.endsWith('gotox.case'))
  .sort()
  .flatMap((file) =>
    readCases(readFileSync(join(CASES, file), 'utf8')).flatMap(({ code, runs }) =>
      runs.map((run) => ({ name: `${file}:${run.line}`, code, run })),
    ),
  )

test.each(['wasm', 'interpreter'])('the %s engine gives what each case says', (engine) => {
  const lines = RUNS.map(({ code, run }) => {
    const mem = run.memory.length > 0 ? ` --mem ${hex(run.memory)}` : ''
    return `prog run --raw ${hex(encode(code))}${mem} --engine ${engine} --hex --mem-after`
  })
  const file = join(folder, `${engine}.batch`)
  writeFileSync(file, `${lines.join('\n')}\n`)
  const { out, err } = netkit('', '-force', '-j', '-batch', file)
  const failed = new Map<number, string>()
  for (const [, why, line] of err.matchAll(/^Error: (.*)\nCommand failed .*:(\d+)$/gm))
    failed.set(Number(line) - 1, why)
  const answers = out.split('\n')
  let at = 0
  const outcome = RUNS.map(({ name, run }, i) => {
    const why = failed.get(i)
    if (why !== undefined) return { name, result: `error ${/instruction (-?\d+)/.exec(why)?.[1]}`, after: undefined }
    const { hex: result, mem } = JSON.parse(answers[at++]) as { hex: string; mem: string }
    return { name, result, after: run.after && mem }
  })
  const expected = RUNS.map(({ name, run: { expected, after } }) => {
    const fault = /^error \w+ (-?\d+)$/.exec(expected)
    return fault
      ? { name, result: `error ${fault[1]}`, after: undefined }
      : { name, result: expected, after: after && hex(after) }
  })
  expect(RUNS.length).toBeGreaterThan(1000)
  expect(outcome).toEqual(expected)
})

test('takes programs from a file, from the input and from the command line, in bytes and in digits', () => {
  const digits = 'b7 00 00 00 2a 00 00 00\n95 00 00 00 00 00 00 00\n'
  const bytes = Buffer.from(digits.replaceAll(/\s/g, ''), 'hex')
  for (const [file, content] of Object.entries({ 'code.bin': bytes, 'code.hex': digits })) {
    writeFileSync(join(folder, file), content)
    expect(netkit('', 'prog', 'run', '--raw', join(folder, file))).toEqual({ status: 0, out: '0x2a\n', err: '' })
  }
  for (const input of [bytes, digits]) {
    expect(netkit(input, 'prog', 'run', '--raw', '-', '--hex')).toEqual({ status: 0, out: '2a\n', err: '' })
  }
  expect(netkit('', 'prog', 'run', '--raw', digits, '-j').out).toBe('{"r0":42,"hex":"0x2a"}\n')
})

test.each([
  [
    '79 10 04 00 00 00 00 00 95 00 00 00 00 00 00 00',
    'instruction 0 (r0 = *(u64 *)(r1 +4)) reaches 8 bytes at offset 4',
  ],
  [
    '85 00 00 00 05 00 00 00 95 00 00 00 00 00 00 00',
    'instruction 0 (call bpf_ktime_get_ns#5) calls helper 5 (ktime_get_ns)',
  ],
  ['05 00 ff ff 00 00 00 00', 'instruction 0 (goto pc-1) was stopped'],
  ['b7 00 00 00 00 00 00 00', 'control left the program: it has no instruction 1'],
])('says in one sentence why %s was stopped', (code, why) => {
  for (const engine of ['wasm', 'interpreter']) {
    const { status, out, err } = netkit(
      '',
      'prog',
      'run',
      '--raw',
      code,
      '--mem',
      '0102030405060708',
      '--engine',
      engine,
    )
    expect({ status, out, lines: err.split('\n').length }).toEqual({ status: 255, out: '', lines: 2 })
    expect(err).toContain(`Error: ${why}`)
  }
})
