import { describe, expect, test } from 'vitest'
import { assemble } from '../asm/assemble.ts'
import { BpfFault } from '../run/fault.ts'
import { wasmEngine } from './engine.ts'
import { PROG_ARRAY, reset, STACK_TOP, testMachine, windowsOf } from './testing/machine.ts'

const machine = testMachine(1000)
const engine = wasmEngine(machine)

function run(text: string, checked = false): bigint {
  reset(machine.memory, (i) => i)
  const program = { number: 1, name: 'test', code: assemble(text) }
  const windows = windowsOf(64)
  return engine.load(checked ? { ...program, unverified: { windows } } : program).run64(PROG_ARRAY.data, 64, STACK_TOP)
}

describe.each([
  ['verified', false],
  ['unverified', true],
])('%s programs', (_, checked) => {
  test.each([
    ['arithmetic', 'r0 = r1; r0 += r2; exit', BigInt(PROG_ARRAY.data + 64)],
    ['a loop', 'r0 = 0; r1 = 10; again: r0 += r1; r1 -= 1; if r1 != 0 goto again; exit', 55n],
    ['the first instruction in a loop', 'again: r0 += 1; if r0 < 9 goto again; exit', 9n],
    ['a loop with two ways in', 'if r2 == 64 goto b; a: r0 += 1; b: r0 += 2; if r0 < 7 goto a; exit', 8n],
    ['the stack in one size', 'r1 = 7; *(u64 *)(r10 - 8) = r1; r0 = *(u64 *)(r10 - 8); exit', 7n],
    ['the stack in several sizes', 'r1 = -2; *(u64 *)(r10 - 8) = r1; r0 = *(u16 *)(r10 - 6); exit', 0xffffn],
    ['a small slot of the stack', 'r1 = -2; *(u8 *)(r10 - 8) = r1; r0 = *(u8 *)(r10 - 8); exit', 254n],
    ['a small slot with its sign', 'r1 = 254; *(u8 *)(r10 - 8) = r1; r0 = *(s8 *)(r10 - 8); exit', 2n ** 64n - 2n],
    [
      'a slot of the stack that code which nothing reaches leaves',
      'r1 = 7; *(u32 *)(r10 - 4) = r1; if r2 == 0 goto dead; r0 = *(u32 *)(r10 - 4); exit; dead: r0 = *(u64 *)(r10 - 4); exit',
      7n,
    ],
    ['a subprogram', 'r1 = 7; r6 = 2; call f; r0 += r6; exit; f: r6 = 3; r0 = r1; r0 *= r6; exit', 23n],
    ['bytes put together', 'r0 = *(u8 *)(r1 + 3); r2 = *(u8 *)(r1 + 4); r2 <<= 8; r0 |= r2; exit', 0x0403n],
    [
      'bytes put together the other way',
      'r0 = *(u8 *)(r1 + 3); r2 = *(u8 *)(r1 + 2); r2 <<= 8; r0 |= r2; exit',
      0x0203n,
    ],
    [
      'bytes that changed in between',
      'r0 = *(u8 *)(r1 + 3); *(u8 *)(r1 + 3) = 9; r2 = *(u8 *)(r1 + 4); r2 <<= 8; r0 |= r2; exit',
      0x0403n,
    ],
  ])('%s', (_name, text, expected) => {
    expect(run(text, checked)).toBe(expected)
  })

  test('may_goto jumps when its budget is used up', () => {
    expect(run('r0 = 0; again: may_goto +2; r0 += 1; goto again; exit', false)).toBe(8_388_608n)
  })
})

test('a program of thousands of overlapping functions is loaded, and stopped where one is refused', () => {
  const many = Array.from({ length: 3000 }, (_, i) => `if r2 == ${1000 + i} goto +1; call +${i % 2 ? 0 : 1}`)
  expect(() => run(`${many.join('; ')}; exit`, true)).toThrow(BpfFault)
})

test('writing the frame pointer is refused', () => {
  expect(() => run('r0 = 1; r10 += 8; exit', true)).toThrow('instruction fault at instruction 1')
})

test('tail calls count, with an index that is known and one that is not', () => {
  const known = `r2 = ${PROG_ARRAY.handle} ll; r3 = 0; call 12; r0 = *(u32 *)(r6 + 0); exit`
  const count = 'r6 = r1; r4 = *(u32 *)(r1 + 0); r4 += 1; *(u32 *)(r1 + 0) = r4; '
  const unknown = known.replace('r3 = 0', 'r3 = *(u32 *)(r1 + 4); r3 >>= 31')
  expect(run(count + known) - 0x03020100n).toBe(34n)
  expect(run(count + unknown) - 0x03020100n).toBe(34n)
  expect(run(count + unknown, true) - 0x03020100n).toBe(34n)
})

test('a program that is gone is not called, and the caller goes on', () => {
  const text = `r6 = 5; r2 = ${PROG_ARRAY.handle} ll; r3 = INDEX; call 12; r0 += r6; exit`
  engine.load({ number: 2, name: 'target', code: assemble('r0 = 40; exit') })
  expect(run(text.replace('INDEX', '1'))).toBe(40n)
  engine.unload(2)
  expect(run(text.replace('INDEX', '1'))).toBe(5n)
  expect(run(text.replace('INDEX', '3'))).toBe(5n)
  expect(run(text.replace('INDEX', '9'))).toBe(5n)
})

test('a verified program that leaves the memory all the same is stopped', () => {
  expect(() => run('r1 = 0x7fff0000; r0 = *(u8 *)(r1 + 0); exit')).toThrow(BpfFault)
})
