import { describe, expect, test } from 'vitest'
import { assemble } from '../asm/assemble.ts'
import { BpfFault, ProgramException } from '../run/fault.ts'
import type { Helper } from '../run/helper.ts'
import { STACK_BYTES } from '../run/limits.ts'
import { type Machine, noInvoke } from '../run/machine.ts'
import { MAP_HEADER } from '../run/map-header.ts'
import { interpreter } from './interpreter.ts'

const STACK_TOP = 8 + STACK_BYTES
const DATA = STACK_TOP
const window = { start: DATA, end: DATA + 64, writable: true }

function machine(helpers: Record<number, Helper> = {}, more: Partial<Machine> = {}): Machine {
  const all = new Map(Object.entries(helpers).map(([id, helper]) => [Number(id), helper]))
  const memory = { buffer: new ArrayBuffer(DATA + 256) }
  return {
    memory,
    helpers: all,
    kfuncs: new Map(),
    resultCell: DATA + 128,
    tailCallCell: DATA + 136,
    invoke: noInvoke,
    ...more,
  }
}

function run64(text: string, on = machine()): bigint {
  const program = { number: 1, name: 'test', code: assemble(text), unverified: { windows: [window] } }
  return interpreter(on).load(program).run64(DATA, 64, STACK_TOP)
}

function fault(text: string, on = machine()): string {
  try {
    run64(text, on)
  } catch (error) {
    if (error instanceof BpfFault) return `${error.kind} ${error.slot}`
    throw error
  }
  return 'none'
}

test('a run starts with r1, r2 and r10 set and all else zero', () => {
  expect(run64('r0 = r1; r0 -= r10; exit')).toBe(0n)
  expect(run64('r0 = r2; exit')).toBe(64n)
  expect(run64('r0 |= r3; r0 |= r4; r0 |= r5; r0 |= r6; r0 |= r7; r0 |= r8; r0 |= r9; exit')).toBe(0n)
})

test('run gives the low half of r0 as an int32', () => {
  const program = { number: 1, name: 'test', code: assemble('r0 = 0x1ffffffff ll; exit') }
  expect(interpreter(machine()).load(program).run(0, 0, STACK_TOP)).toBe(-1)
})

describe('faults', () => {
  test.each([
    ['r0 = *(u8 *)(r1 - 1); exit', 'none'],
    ['r0 = *(u8 *)(r1 + 64); exit', 'memory 0'],
    ['r0 = *(u64 *)(r1 + 57); exit', 'memory 0'],
    ['r1 = 0x1000000000000000 ll; r0 = *(u8 *)(r1 + 0); exit', 'memory 2'],
    ['r1 = -1; r0 = *(u64 *)(r1 + 0); exit', 'memory 1'],
    ['goto -1', 'budget 0'],
    ['f: call f; exit', 'depth 0'],
    ['call 1', 'helper 0'],
    ['goto +5; exit', 'instruction 6'],
    ['r0 = 0', 'instruction 1'],
    ['goto +1; r0 = 1 ll; exit', 'instruction 2'],
    ['.8byte 0xff', 'instruction 0'],
    ['r0 = *(u8 *)skb[0]', 'instruction 0'],
  ])('%s: %s', (text, expected) => {
    expect(fault(text)).toBe(expected)
  })

  test('a read-only window cannot be written, not even with what is there', () => {
    const windows = [{ ...window, writable: false }]
    const code = assemble('r0 = 1; r3 = 0; r0 = atomic64_cmpxchg((u64 *)(r1 +0), r0, r3); exit')
    const runnable = interpreter(machine()).load({ number: 1, name: 'test', code, unverified: { windows } })
    expect(() => runnable.run64(DATA, 64, STACK_TOP)).toThrow('memory fault at instruction 2')
  })

  test('the budget counts backward jumps and calls', () => {
    const text = 'r6 = 0; again: r6 += 1; call f; if r6 < 5 goto again; exit; f: exit'
    expect(fault(text, machine({}, { budget: 9 }))).toBe('none')
    expect(fault(text, machine({}, { budget: 8 }))).toBe('budget 2')
  })
})

test('subprograms have their own r6 to r9 and stack frame', () => {
  const text = `
    r6 = 1; *(u64 *)(r10 - 8) = 2; r1 = 3
    call f
    r0 += r6; r1 = *(u64 *)(r10 - 8); r0 += r1; exit
    f: r0 = r1; r0 += r6; r6 = 9; *(u64 *)(r10 - 8) = 9; exit`
  expect(run64(text)).toBe(6n)
})

test('more than five arguments pass through r11', () => {
  expect(
    run64(
      '*(u64 *)(r11 - 8) = 40; *(u64 *)(r11 - 16) = 2; call f; exit; f: r0 = *(u64 *)(r11 + 8); r1 = *(u64 *)(r11 + 16); r0 += r1; exit',
    ),
  ).toBe(42n)
  expect(fault('*(u32 *)(r11 - 8) = 1; exit')).toBe('instruction 0')
})

describe('helpers', () => {
  const seen: number[][] = []
  const body = (...args: number[]): number => {
    seen.push(args)
    return -2
  }

  test('get what their signature says and give r0', () => {
    const text = (id: number): string => `r1 = -1 ; r2 = 0x500000006 ll; r3 = 0x700000008 ll; call ${id}; exit`
    const args = ['u32', 'u64', 'u32'] as const
    const cell = machine({ 1: { name: 's', args, returns: 's32', body }, 2: { name: 'u', args, returns: 'u32', body } })
    expect(run64(text(1), cell)).toBe(0xfffffffffffffffen)
    expect(run64(text(2), cell)).toBe(0xfffffffen)
    expect(seen).toEqual(Array.from({ length: 2 }, () => [-1, 6, 5, 8]))
  })

  test('leave 64 bits in the result cell, or nothing', () => {
    const on = machine({
      1: {
        name: 'wide',
        args: [],
        returns: 'u64',
        body: () => {
          new DataView(on.memory.buffer).setBigUint64(on.resultCell, 0xfedcba9876543210n, true)
          return 0
        },
      },
      2: { name: 'void', args: [], returns: 'void', body },
    })
    expect(run64('call 1; exit', on)).toBe(0xfedcba9876543210n)
    expect(run64('r0 = 1; call 2; exit', on)).toBe(0n)
  })

  test('call back into the program, in frames of their own', () => {
    const on = machine({
      181: {
        name: 'loop',
        args: ['u32', 'func', 'u32', 'u64'],
        returns: 's32',
        body: (count, func, context) => {
          for (let i = 0; i < count; i++) if (on.invoke(func, i, context, 0, 0)) return i + 1
          return count
        },
      },
    })
    const text = `
      *(u64 *)(r10 - 8) = 0
      r1 = 10; r2 = &add; r3 = r10; r3 += -8; r4 = 0; call loop
      r1 = *(u64 *)(r10 - 8); r0 <<= 32; r0 |= r1; exit
      add: *(u64 *)(r10 - 8) = 77; r3 = *(u64 *)(r2 + 0); r3 += r1; *(u64 *)(r2 + 0) = r3
      r0 = 0; if r1 != 5 goto +1; r0 = 1; exit`
    expect(run64(text, on)).toBe((6n << 32n) | 15n)
    expect(on.invoke).toBe(noInvoke)
  })

  test('throw an exception that ends all frames', () => {
    const kfuncs = new Map<number, Helper>([
      [
        7,
        {
          name: 'throw',
          args: ['u64'],
          returns: 'void',
          body: (low) => {
            throw new ProgramException(BigInt(low))
          },
        },
      ],
    ])
    expect(run64('call f; r0 = 1; exit; f: r1 = 5; call kfunc 7; r0 = 2; exit', machine({}, { kfuncs }))).toBe(5n)
  })
})

test('legacy packet loads give r0 or end the function with 0', () => {
  const packet = [1, 2, 3, 4]
  const on = machine(
    {},
    {
      packetLoad: (ctx, offset, bytes) => {
        if (ctx !== DATA || offset < 0 || offset + bytes > packet.length) return 0
        const value = packet.slice(offset, offset + bytes).reduce((sum, byte) => sum * 256 + byte, 0)
        new DataView(on.memory.buffer).setBigUint64(on.resultCell, BigInt(value), true)
        return 1
      },
    },
  )
  expect(run64('r6 = r1; r0 = *(u32 *)skb[0]; exit', on)).toBe(0x01020304n)
  expect(run64('r6 = r1; r7 = -1; r0 = *(u16 *)skb[r7 + 2]; exit', on)).toBe(0x0203n)
  expect(run64('r6 = r1; call f; r0 += 5; exit; f: r0 = *(u8 *)skb[4]; r0 = 9; exit', on)).toBe(0x5n)
})

describe('tail calls', () => {
  const MAP = DATA + 64
  const VALUES = DATA + 136
  function chain(programs: readonly string[], slots: readonly number[]): bigint {
    const on = machine()
    const view = new DataView(on.memory.buffer)
    view.setUint32(MAP + MAP_HEADER.MAX_ENTRIES, slots.length, true)
    view.setUint32(MAP + MAP_HEADER.VALUES, VALUES, true)
    for (const [i, number] of slots.entries()) view.setUint32(VALUES + 4 * i, number, true)
    const engine = interpreter(on)
    const windows = [window]
    const loaded = programs.map((text, i) =>
      engine.load({
        number: i + 1,
        name: `p${i}`,
        code: assemble(text.replaceAll('MAP', `${MAP}`)),
        unverified: { windows },
      }),
    )
    return loaded[0].run64(DATA, 64, STACK_TOP)
  }

  test('run another program in place of the current function', () => {
    expect(
      chain(['r6 = 9; r2 = MAP; r3 = 0; call tail_call; r0 = 1; exit', 'r0 = r6; r0 += 7; r0 += r2; exit'], [2]),
    ).toBe(7n)
    expect(
      chain(['call f; r0 += 100; exit; f: r2 = MAP; r3 = 0; call tail_call; r0 = 3; exit', 'r0 = 5; exit'], [2]),
    ).toBe(105n)
  })

  test('fall through beyond the array and at empty slots', () => {
    expect(chain(['r2 = MAP; r3 = 1; call tail_call; r0 += 1; exit'], [1])).toBe(1n)
    expect(chain(['r2 = MAP; r3 = 0; call tail_call; r0 += 1; exit'], [0])).toBe(1n)
  })

  test('33 are taken, the 34th falls through', () => {
    const count =
      'r6 = *(u64 *)(r1 + 0); r6 += 1; *(u64 *)(r1 + 0) = r6; r2 = MAP; r3 = 0; call tail_call; r0 = r6; exit'
    expect(chain([count], [1])).toBe(34n)
  })
})
