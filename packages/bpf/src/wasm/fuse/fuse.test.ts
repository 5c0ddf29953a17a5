import { describe, expect, test } from 'vitest'
import { assemble } from '../../asm/assemble.ts'
import { interpreter } from '../../interp/interpreter.ts'
import type { Engine } from '../../run/engine.ts'
import { wasmEngine } from '../engine.ts'
import { PROG_ARRAY, reset, STACK_TOP, testMachine } from '../testing/machine.ts'
import { constantTailCalls } from './constant-tail-calls.ts'
import { fuse } from './fuse.ts'

const BUDGET = 1000
const call = (index: number) => `r2 = ${PROG_ARRAY.handle} ll; r3 = ${index}; call bpf_tail_call`
/** Adds to the first word of the data, so that it can be told what ran and how often. */
const add = (n: number) => `r4 = *(u32 *)(r1 +0); r4 += ${n}; *(u32 *)(r1 +0) = r4`

/** Programs 1 to 3 of the array on both engines: R0 and the first word of the data. */
function run(texts: readonly string[], change?: (view: DataView, engine: Engine) => void): readonly string[] {
  return [interpreter, wasmEngine].map((make) => {
    const machine = testMachine(BUDGET)
    const engine = make(machine)
    reset(machine.memory, () => 0)
    const view = new DataView(machine.memory.buffer)
    const [first] = texts.map((text, i) =>
      engine.load({ number: i + 1, name: `p${i + 1}`, code: assemble(text.replaceAll(';', '\n')) }),
    )
    const once = () => `${first.run64(PROG_ARRAY.data, 0, STACK_TOP)}, ${view.getUint32(PROG_ARRAY.data, true)}`
    if (!change) return once()
    once()
    view.setUint32(PROG_ARRAY.data, 0, true)
    change(view, engine)
    return once()
  })
}

const CHAIN = [
  `${add(1)}; ${call(1)}; r0 = 7; exit`,
  `${add(10)}; ${call(2)}; r0 = 8; exit`,
  `${add(100)}; r0 = 9; exit`,
]
const element = (index: number) => PROG_ARRAY.values + 4 * index

describe('programs that call each other by constant index', () => {
  test('are joined', () => {
    const machine = testMachine(BUDGET)
    reset(machine.memory, () => 0)
    const programs = new Map(
      CHAIN.map((text, i) => [i + 1, { number: i + 1, name: '', code: assemble(text.replaceAll(';', '\n')) }]),
    )
    expect(fuse(programs.get(1)!, programs, machine)?.numbers).toEqual([1, 2, 3])
    expect(fuse(programs.get(3)!, programs, machine)).toBeUndefined()
  })

  test.each([
    ['one after the other', CHAIN, '9, 111'],
    ['round and round, 33 times', [`${add(1)}; ${call(0)}; r0 = 5; exit`], '5, 34'],
    ['in turns', [`${add(1)}; ${call(1)}; r0 = 5; exit`, `${add(100)}; ${call(0)}; r0 = 6; exit`], '6, 1717'],
    ['into an empty slot', [`${add(1)}; ${call(3)}; r0 += 5; exit`], '5, 1'],
    ['beyond the end', [`${add(1)}; ${call(9)}; r0 += 5; exit`], '5, 1'],
    ['to one that was never loaded', [`${add(1)}; ${call(4)}; r0 += 5; exit`], '5, 1'],
    [
      'out of a subprogram, which then returns',
      [`${add(1)}; r6 = r1; call sub; r0 += 1; exit; sub:; ${call(1)}; r0 = 50; exit`, `${add(10)}; r0 = 20; exit`],
      '21, 11',
    ],
    [
      'to one with a subprogram of its own',
      [`${add(1)}; ${call(1)}; r0 = 3; exit`, `${add(10)}; r6 = r1; call sub; r0 *= 2; exit; sub:; r0 = 21; exit`],
      '42, 11',
    ],
  ])('%s', (_name, texts, want) => {
    expect(run(texts)).toEqual([want, want])
  })

  test('go where the array says after it was changed', () => {
    const changed = run(CHAIN, (view, engine) => {
      view.setUint32(element(1), 3, true)
      engine.progArraysChanged()
    })
    expect(changed).toEqual(['9, 101', '9, 101'])
  })

  test('go where the array says even if nobody was told', () => {
    const changed = run(CHAIN, (view) => view.setUint32(element(2), 0, true))
    expect(changed).toEqual(['8, 11', '8, 11'])
  })

  test('forget a program that is gone, and one that takes its number', () => {
    const gone = run(CHAIN, (_view, engine) => engine.unload(2))
    expect(gone).toEqual(['7, 1', '7, 1'])
    const again = run(CHAIN, (_view, engine) => {
      engine.unload(2)
      engine.load({ number: 2, name: 'other', code: assemble(`${add(1000)}\nr0 = 4\nexit`.replaceAll(';', '\n')) })
    })
    expect(again).toEqual(['4, 1001', '4, 1001'])
  })
})

test('an index that depends on the way is no constant', () => {
  const machine = testMachine(BUDGET)
  reset(machine.memory, () => 0)
  const find = (text: string) => constantTailCalls(assemble(text), machine).length
  const load = `r2 = ${PROG_ARRAY.handle} ll`
  expect(find(`${load}\nr3 = 1\ncall bpf_tail_call\nexit`)).toBe(1)
  expect(find(`${load}\nr3 = 1\nif r1 == 0 goto out\nr3 = 2\nout:\ncall bpf_tail_call\nexit`)).toBe(0)
  expect(find(`${load}\nr3 = 1\nr3 += 1\ncall bpf_tail_call\nexit`)).toBe(0)
  expect(find(`${load}\nr3 = *(u32 *)(r1 +0)\ncall bpf_tail_call\nexit`)).toBe(0)
  expect(find(`${load}\nr3 = 1\ncall bpf_tail_call\ncall bpf_tail_call\nexit`)).toBe(1)
})
