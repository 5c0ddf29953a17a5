import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { interpreter, OPS, opAt, wasmEngine } from '@netkit/bpf'
import { describe, expect, test } from 'vitest'
import { type BpfCase, readCases } from './src/bpf/case-file.ts'
import { type EngineKind, runCase } from './src/bpf/run-case.ts'

const FOLDER = join(import.meta.dirname, 'cases/bpf')
const NO_GOTOX = 'jumps through registers are not compiled'
const ENGINES: readonly EngineKind[] = [
  { name: 'interpreter', open: interpreter },
  { name: 'wasm', open: wasmEngine, skips: { 'jump/gotox.case': NO_GOTOX, 'fault/gotox.case': NO_GOTOX } },
]

const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.case'))
  .sort()
const read = (file: string): BpfCase[] => readCases(readFileSync(join(FOLDER, file), 'utf8'))

describe.each(ENGINES)('$name', (engine) => {
  test.for(FILES)('%s', (file, t) => {
    const why = engine.skips?.[file]
    if (why) t.skip(why)
    for (const one of read(file)) {
      for (const run of one.runs) {
        const { result, after } = runCase(engine, one, run)
        expect(result, `${file}:${run.line}\n${one.text}`).toBe(run.expected)
        if (run.after) expect(after, `${file}:${run.line}\n${one.text}`).toEqual(run.after)
      }
    }
  })
})

/** What a bare program over a block of memory cannot show; the tests beside the interpreter do. */
const ELSEWHERE = /^(call (helper|kfunc)|ld(abs|ind).|lddw .*|cast_.*|invalid|second slot)$/

test('every instruction has a case', () => {
  const used = new Set(
    FILES.flatMap(read).flatMap(({ code }) => Array.from(code.op, (_, slot) => opAt(code, slot).name)),
  )
  const missing = OPS.map(({ name }) => name).filter((name) => !used.has(name) && !ELSEWHERE.test(name))
  expect(missing).toEqual([])
})
