import { describe, expect, test } from 'vitest'
import { assemble } from '../asm/assemble.ts'
import { interpreter } from '../interp/interpreter.ts'
import { mapHelpers } from '../maps/helpers.ts'
import { createMap } from '../maps/table.ts'
import { testMemory } from '../maps/testing/memory.ts'
import { MAP_TYPE } from '../syscall/numbers.ts'
import { wasmEngine } from './engine.ts'
import { PROG_ARRAY, STACK_TOP, testMachine } from './testing/machine.ts'

const machine = testMachine(1000)
const { memory } = machine
/** Behind the data of the machine, before its stack. */
const store = testMemory(memory.buffer, PROG_ARRAY.data + 256)
const engines = [
  wasmEngine({ ...machine, helpers: mapHelpers(store) }),
  interpreter({ ...machine, helpers: mapHelpers(store) }),
]

/** Looks up the key in the packet's first bytes; the address of its value, or −1. */
const lookUp = (map: number): string => `r2 = r1; r1 = ${map} ll; call 1; if r0 != 0 goto +1; r0 = -1; exit`
const update = (map: number): string => `r2 = r1; r3 = r1; r4 = 0; r1 = ${map} ll; call 2; exit`
const onStack = (map: number): string =>
  `r6 = 3; *(u32 *)(r10 - 4) = r6; *(u64 *)(r10 - 16) = r6; r2 = r10; r2 += -4; r1 = ${map} ll; call 1; r0 += r6; exit`

const run = (text: string): bigint[] =>
  engines.map((engine) =>
    engine.load({ number: 1, name: 'test', code: assemble(text) }).run64(PROG_ARRAY.data, 0, STACK_TOP),
  )

const ROWS: (readonly [string, number, number])[] = [
  ['array', MAP_TYPE.array, 4],
  ['percpu_array', MAP_TYPE.percpuArray, 4],
  ...[1, 2, 3, 4, 5, 7, 8, 11, 16, 64, 65].map((size) => [`hash, keys of ${size} bytes`, MAP_TYPE.hash, size] as const),
]

describe.each(ROWS)('%s: lookups in compiled code find what the map has', (_, type, keySize) => {
  const map = createMap(store, { type, keySize, valueSize: 8, maxEntries: 6, flags: 0, id: 1, seed: 99 })
  const key = (n: number): void => {
    store.u8.fill(0, PROG_ARRAY.data, PROG_ARRAY.data + 80)
    store.u8[PROG_ARRAY.data] = n
  }

  test('through any memory', () => {
    for (let n = 0; n < 5; n++) {
      key(n)
      expect(run(update(map))).toEqual([0n, 0n])
    }
    for (let n = 0; n < 8; n++) {
      key(n)
      const [compiled, interpreted] = run(lookUp(map))
      expect(compiled).toBe(interpreted)
      expect(compiled === 2n ** 64n - 1n).toBe(n >= (type === MAP_TYPE.hash ? 5 : 6))
    }
  })

  test('through the stack', () => {
    const [compiled, interpreted] = run(onStack(map))
    expect(compiled).toBe(interpreted)
  })
})
