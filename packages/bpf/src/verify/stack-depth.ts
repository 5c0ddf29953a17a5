import { type Code, jumpTarget, opAt } from '../isa/code.ts'
import { TAIL_CALL } from '../run/helper.ts'
import type { Functions } from './cfg.ts'
import { denied } from './refusal.ts'

/** Bytes of stack that all frames of a run may use together. */
const STACK_LIMIT = 512
/** What a frame uses is counted in units of so many bytes. */
const UNIT = 16
/** Frames below a tail call may use less than that. */
const TAIL_CALL_LIMIT = 256

/**
 * Refuses chains of calls that need more stack than there is. `lowest`: of each function, by its start, the lowest offset from
 * its fp that it uses. Source: spec 02 §4.6.
 */
export function checkStackDepth(
  code: Code,
  functions: Functions,
  lowest: ReadonlyMap<number, number>,
  async: ReadonlySet<number>,
): void {
  const visit = (start: number, below: number, frames: number): void => {
    const used = Math.max(1, -(lowest.get(start) ?? 0))
    const total = below + Math.ceil(used / UNIT) * UNIT
    if (total > STACK_LIMIT) throw denied(`combined stack size of ${frames} calls is ${total}. Too large`)
    for (let slot = start; slot < functions.endOf(start); slot++) {
      const op = opAt(code, slot)
      if (op.kind === 'call' && op.callee === 'helper' && code.imm[slot] === TAIL_CALL && below >= TAIL_CALL_LIMIT) {
        throw denied(`tail_calls are not allowed when call stack of previous frames is ${below} bytes. Too large`)
      }
      // What a timer calls has a stack of its own.
      if (op.kind === 'const' && op.pseudo === 'function' && async.has(jumpTarget(code, slot))) continue
      const isCall = op.kind === 'call' && op.callee === 'subprogram'
      if (isCall || (op.kind === 'const' && op.pseudo === 'function')) visit(jumpTarget(code, slot), total, frames + 1)
    }
  }
  for (const start of [0, ...async]) visit(start, 0, 1)
}
