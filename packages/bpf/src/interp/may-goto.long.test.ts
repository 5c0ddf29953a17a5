import { expect, test } from 'vitest'
import { assemble } from '../asm/assemble.ts'
import { MAY_GOTO_BUDGET, STACK_BYTES } from '../run/limits.ts'
import { noInvoke } from '../run/machine.ts'
import { interpreter } from './interpreter.ts'

test('may_goto falls through 8388608 times in an activation of a function', () => {
  const memory = { buffer: new ArrayBuffer(STACK_BYTES) }
  const engine = interpreter({
    memory,
    helpers: new Map(),
    kfuncs: new Map(),
    resultCell: 0,
    tailCallCell: 8,
    invoke: noInvoke,
  })
  const code = assemble('r0 = 0; again: may_goto end; r0 += 1; goto again; end: exit')
  expect(engine.load({ number: 1, name: 'loop', code }).run64(0, 0, STACK_BYTES)).toBe(BigInt(MAY_GOTO_BUDGET))
})
