import { type Code, jumpTarget, opAt } from '../../isa/code.ts'
import { slotsOf } from '../plan/blocks.ts'

/** Slots of a loop that is worth unrolling: what it does in a round takes no longer than going round. */
const MAX_SLOTS = 16

/** A loop without another one in it: slots from `head`, which all its backward jumps go to, to `last`, the last of them. */
export interface SmallLoop {
  readonly head: number
  readonly last: number
}

/** Finds small loops that nothing jumps into but at their heads and that call nothing. */
export function smallLoops(code: Code): SmallLoop[] {
  const lasts = new Map<number, number>()
  const jumps: { slot: number; target: number }[] = []
  for (let slot = 0; slot < code.length; slot += slotsOf(code, slot)) {
    const target = jumpTarget(code, slot)
    if (target < 0) continue
    jumps.push({ slot, target })
    const { kind } = opAt(code, slot)
    if (target <= slot && (kind === 'branch' || kind === 'goto')) lasts.set(target, slot)
  }
  return [...lasts]
    .map(([head, last]) => ({ head, last }))
    .filter((loop) => loop.last - loop.head < MAX_SLOTS && isStraight(code, loop) && isClosed(jumps, loop))
}

/** Whether it calls nothing, counts no passes and does not end in the midst of an instruction. */
function isStraight(code: Code, { head, last }: SmallLoop): boolean {
  for (let slot = head; slot <= last; slot += slotsOf(code, slot)) {
    const op = opAt(code, slot)
    if (op.kind === 'call' || op.kind === 'packet' || op.kind === 'mayGoto' || op.kind === 'exit') return false
    if (op.kind === 'const' && op.pseudo === 'function') return false
    if (op.kind === 'gotox' || op.kind === 'invalid' || op.kind === 'cast') return false
  }
  return true
}

/** Whether others come in at the head alone, and no jump inside leads back but to the head. */
function isClosed(jumps: readonly { slot: number; target: number }[], { head, last }: SmallLoop): boolean {
  return jumps.every(({ slot, target }) => {
    const fromInside = slot >= head && slot <= last
    const toInside = target > head && target <= last
    if (!fromInside) return !toInside
    return target === head || target > slot || target < head
  })
}
