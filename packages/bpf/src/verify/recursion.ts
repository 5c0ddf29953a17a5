import { type Code, jumpTarget, opAt } from '../isa/code.ts'
import type { Functions } from './cfg.ts'
import { invalid } from './refusal.ts'

/** Refuses functions that call themselves, directly or through others. */
export function checkRecursion(code: Code, functions: Functions, nameOf: (start: number) => string): void {
  const done = new Set<number>()
  const active = new Set<number>()
  const visit = (start: number, from: number): void => {
    if (active.has(start)) throw invalid(`recursive call from ${nameOf(from)}() to ${nameOf(start)}()`)
    if (done.has(start)) return
    active.add(start)
    for (let slot = start; slot < functions.endOf(start); slot++) {
      const op = opAt(code, slot)
      if (op.kind === 'call' && op.callee === 'subprogram') visit(jumpTarget(code, slot), start)
    }
    active.delete(start)
    done.add(start)
  }
  for (const start of functions.starts) visit(start, start)
}
