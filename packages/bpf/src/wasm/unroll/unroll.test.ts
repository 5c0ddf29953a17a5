import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assemble } from '../../asm/assemble.ts'
import { interpreter } from '../../interp/interpreter.ts'
import { wasmEngine } from '../engine.ts'
import { PROG_ARRAY, reset, STACK_TOP, testMachine } from '../testing/machine.ts'
import { smallLoops } from './small-loops.ts'
import { unrollLoops } from './unroll.ts'

/** Adds up words of the data, until there are none left or a zero comes. */
const sum = (words: number) => `
  r0 = 0
  r2 = 0
  again:
  r3 = *(u32 *)(r1 +0)
  if r3 == 0 goto out
  r0 += r3
  r1 += 4
  r2 += 1
  if r2 < ${words} goto again
  out:
  exit`

const CONTINUES = `
  r0 = 0
  r2 = 40
  again:
  r2 += -1
  if r2 == 0 goto out
  if r2 & 1 goto again
  r0 += r2
  goto again
  out:
  exit`

const NESTED = `
  r0 = 0
  r2 = 0
  outer:
  r3 = 0
  inner:
  r0 += r2
  r3 += 1
  if r3 < 5 goto inner
  r2 += 1
  if r2 < 11 goto outer
  exit`

function outcomes(text: string, fill: (i: number) => number): readonly bigint[] {
  return [interpreter, wasmEngine].map((make) => {
    const machine = testMachine(1000)
    reset(machine.memory, fill)
    const runnable = make(machine).load({ number: 1, name: 'loop', code: assemble(text) })
    return runnable.run64(PROG_ARRAY.data, 0, STACK_TOP)
  })
}

describe('a small loop', () => {
  test('is unrolled, and gives what it gave, however many rounds it goes', () => {
    expect(unrollLoops(assemble(sum(60))).length).toBeGreaterThan(50)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 60 }), (words, zeroAt) => {
        const [want, got] = outcomes(sum(words), (i) => (i >> 2 === zeroAt ? 0 : i & 0x7f))
        expect(got).toBe(want)
      }),
    )
  })

  test.each([
    ['that goes on from two places', CONTINUES],
    ['in another one', NESTED],
  ])('%s gives what it gave', (_name, text) => {
    expect(smallLoops(assemble(text))).toHaveLength(1)
    const [want, got] = outcomes(text, () => 1)
    expect(got).toBe(want)
  })

  test.each([
    ['calls something', 'again:\ncall bpf_ktime_get_ns\nif r0 != 0 goto again\nexit'],
    ['is entered elsewhere', 'if r1 == 0 goto in\nr0 = 9\nagain:\nr0 += 1\nin:\nr0 += -2\nif r0 > 5 goto again\nexit'],
    ['is long', `again:\n${'r0 += 1\n'.repeat(20)}if r0 < 100 goto again\nexit`],
  ])('that %s is left alone', (_name, text) => {
    const code = assemble(text)
    expect(unrollLoops(code)).toBe(code)
  })
})
