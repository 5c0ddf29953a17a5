import type { Helper } from '../../run/helper.ts'
import { FRAME_BYTES, STACK_BYTES } from '../../run/limits.ts'
import { type Machine, noInvoke, type Window } from '../../run/machine.ts'
import { MAP_HEADER } from '../../run/map-header.ts'

/** Where things are in the memory of machines for tests. */
const RESULT_CELL = 4096
const DATA = 8192
const READ_ONLY_BYTES = 64
export const STACK_TOP = DATA + 8192 + STACK_BYTES
const PAGES = Math.ceil(STACK_TOP / 65536)

/** A prog array of five: programs 1 to 3, an empty one, and one that was never loaded; and the data window. */
export const PROG_ARRAY = { handle: 4160, values: 4224, data: DATA }

/** Ids of helpers that machines for tests have. */
export const HELPER = { mix: 1001, wide: 1002, touch: 1003, callBack: 1004, nothing: 1005 }

export type TestMachine = Machine & { readonly memory: WebAssembly.Memory }

/** A machine whose helpers compute something from what they are given. */
export function testMachine(budget: number, shared = false): TestMachine {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared })
  const helpers = new Map<number, Helper>()
  const machine: TestMachine = {
    memory,
    helpers,
    kfuncs: new Map(),
    resultCell: RESULT_CELL,
    tailCallCell: RESULT_CELL + 8,
    budget,
    invoke: noInvoke,
    packetLoad: (_context, offset, bytes) => packetLoad(memory, offset, bytes),
  }
  for (const [id, helper] of helpersOf(machine)) helpers.set(id, helper)
  return machine
}

function helpersOf(machine: TestMachine): Map<number, Helper> {
  const view = (): DataView => new DataView(machine.memory.buffer)
  return new Map<number, Helper>([
    [
      HELPER.mix,
      {
        name: 'mix',
        args: ['u32', 'u32', 'u64'],
        returns: 's32',
        body: (a, b, lo, hi) => (a ^ (b << 3) ^ lo ^ hi) | 0,
      },
    ],
    [HELPER.nothing, { name: 'nothing', args: [], returns: 'void', body: () => 7 }],
    [
      HELPER.wide,
      {
        name: 'wide',
        args: ['u64', 'u32'],
        returns: 'u64',
        body(lo, hi, b) {
          view().setInt32(RESULT_CELL, hi ^ b, true)
          view().setInt32(RESULT_CELL + 4, lo, true)
          return 0
        },
      },
    ],
    [
      HELPER.touch,
      {
        name: 'touch',
        args: ['u32'],
        returns: 'u32',
        body(at) {
          // Unverified programs call it with anything.
          if (at < DATA || at > STACK_TOP - 8) return 0
          const before = view().getUint32(at, true)
          view().setUint32(at, before + 1, true)
          view().setUint32(at + 4, before ^ 0x5555, true)
          return before
        },
      },
    ],
    [
      HELPER.callBack,
      {
        name: 'call_back',
        args: ['func', 'u32', 'u32'],
        returns: 's32',
        body: (func, a, b) => machine.invoke(func, a, b, 1, 2) ^ machine.invoke(func, b, a, 3, 4),
      },
    ],
  ])
}

function packetLoad(memory: WebAssembly.Memory, offset: number, bytes: number): number {
  const view = new DataView(memory.buffer)
  if (offset < 0 || offset + bytes > 48) return 0
  const value =
    bytes === 1
      ? view.getUint8(DATA + offset)
      : bytes === 2
        ? view.getUint16(DATA + offset)
        : view.getUint32(DATA + offset)
  view.setUint32(RESULT_CELL, value, true)
  view.setUint32(RESULT_CELL + 4, 0, true)
  return 1
}

/** What unverified programs may touch: a window they may write and, behind it, one they may only read. */
export const windowsOf = (bytes: number): Window[] => [
  { start: DATA, end: DATA + bytes, writable: true },
  { start: DATA + bytes, end: DATA + bytes + READ_ONLY_BYTES, writable: false },
]

/** Makes memory what it is before a run: data from `fill`, an empty stack, the prog array. */
export function reset(memory: WebAssembly.Memory, fill: (index: number) => number): void {
  const u8 = new Uint8Array(memory.buffer)
  u8.fill(0, 4096)
  for (let i = 0; i < 256; i++) u8[DATA + i] = fill(i)
  const view = new DataView(memory.buffer)
  view.setUint32(PROG_ARRAY.handle + MAP_HEADER.MAX_ENTRIES, 5, true)
  view.setUint32(PROG_ARRAY.handle + MAP_HEADER.VALUES, PROG_ARRAY.values, true)
  for (const [i, number] of [1, 2, 3, 0, 77].entries()) view.setUint32(PROG_ARRAY.values + 4 * i, number, true)
}

/** The first difference of two memories after a run: the data, and of the stack as much as is asked for. */
export function difference(a: WebAssembly.Memory, b: WebAssembly.Memory, stack: boolean): string | undefined {
  const left = new Uint8Array(a.buffer)
  const right = new Uint8Array(b.buffer)
  const ranges = [[DATA, DATA + 256], ...(stack ? [[STACK_TOP - 64 * FRAME_BYTES, STACK_TOP]] : [])]
  for (const [start, end] of ranges) {
    for (let at = start; at < end; at++) if (left[at] !== right[at]) return `byte ${at}: ${left[at]} and ${right[at]}`
  }
  return undefined
}
