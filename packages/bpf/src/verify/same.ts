import { liveAt } from './live.ts'
import type { Point } from './point.ts'
import { isNumber, type Reg } from './reg.ts'
import { contains, isKnown } from './scalar.ts'
import { BYTE, kindOf, type Slot } from './stack.ts'
import type { Frame, State } from './state.ts'

/**
 * How states are compared.
 *
 * - `covered`: whatever can follow from the new state was looked at when the old one was. Numbers that no decision rested on
 *   may differ.
 * - `within`: the same while the old one is still being looked at: all numbers count.
 * - `equal`: nothing has changed: a loop makes no progress.
 */
export type Comparison = 'covered' | 'within' | 'equal'

/** Ids of the old state and what they are in the new one. */
class IdPairs {
  readonly #old: number[] = []
  readonly #now: number[] = []

  match(old: number, now: number): boolean {
    if ((old === 0) !== (now === 0)) return false
    if (old === 0) return true
    const known = this.#old.indexOf(old)
    if (known >= 0) return this.#now[known] === now
    if (this.#now.includes(now)) return false
    this.#old.push(old)
    this.#now.push(now)
    return true
  }
}

interface Task {
  readonly how: Comparison
  readonly ids: IdPairs
}

/** Whether a point's state stands for another one at the same slot. */
export function stands(point: Point, now: State, live: Uint16Array, how: Comparison): boolean {
  const old = point.state
  if (old.frames.length !== now.frames.length || old.refs.length !== now.refs.length) return false
  if (how === 'equal' && obviouslyDiffers(old.regs, now.regs)) return false
  if (how === 'covered' && isOutside(old.regs, now.regs, live[point.slot])) return false
  const task: Task = { how, ids: new IdPairs() }
  if (how === 'equal' && old.rounds !== now.rounds) return false
  if (old.rcu !== now.rcu || old.preempt !== now.preempt || old.lock?.map !== now.lock?.map) return false
  if (!task.ids.match(old.lock?.id ?? 0, now.lock?.id ?? 0)) return false
  for (const [i, ref] of old.refs.entries()) if (!task.ids.match(ref.id, now.refs[i].id)) return false
  return old.frames.every((frame, depth) => {
    const other = now.frames[depth]
    if (frame.callSite !== other.callSite || frame.start !== other.start) return false
    return (
      sameRegs(task, frame, other, liveAt(now, depth, point.slot, live)) &&
      sameStack(task, frame, other, point.slotsRead[depth] ?? 0n)
    )
  })
}

/** Saves the long way for loops that count. */
function obviouslyDiffers(old: readonly Reg[], now: readonly Reg[]): boolean {
  for (let r = 0; r < 10; r++) if (old[r] !== now[r] && old[r].scalar.umin !== now[r].scalar.umin) return true
  return false
}

/** Whether a number that matters is beyond what was looked at: the usual case. */
function isOutside(old: readonly Reg[], now: readonly Reg[], wanted: number): boolean {
  for (let r = 0; r < 10; r++) {
    if (((wanted >> r) & 1) === 0 || old[r] === now[r] || !old[r].trace?.isPrecise) continue
    if (old[r].scalar.umin > now[r].scalar.umin || old[r].scalar.umax < now[r].scalar.umax) return true
  }
  return false
}

function sameRegs(task: Task, old: Frame, now: Frame, live: number): boolean {
  for (let r = 0; r < 11; r++) {
    if (task.how !== 'equal' && (live & (1 << r)) === 0) continue
    if (!sameReg(task, old.regs[r], now.regs[r])) return false
  }
  return true
}

/** Whether what holds for `old` holds for `now`. */
function sameReg(task: Task, old: Reg, now: Reg): boolean {
  if (old === now && (old.id === 0 || task.ids.match(old.id, now.id)) && old.ref === 0 && old.parent === 0) return true
  if (old.type === '?') return task.how !== 'equal'
  if (old.type !== now.type) return false
  if (isNumber(old)) return sameNumber(task, old, now)
  if (old.nullable !== now.nullable || old.off !== now.off || old.frame !== now.frame || old.size !== now.size)
    return false
  if (old.map !== now.map || old.readonly !== now.readonly || old.kind !== now.kind) return false
  if (task.how === 'equal' ? old.range !== now.range : old.range > now.range) return false
  if (!task.ids.match(old.id, now.id) || !task.ids.match(old.ref, now.ref)) return false
  if (!task.ids.match(old.parent, now.parent)) return false
  return task.how === 'equal'
    ? contains(old.scalar, now.scalar) && contains(now.scalar, old.scalar)
    : contains(old.scalar, now.scalar)
}

function sameNumber(task: Task, old: Reg, now: Reg): boolean {
  if (task.how === 'covered' && !old.trace?.isPrecise) return true
  if (!contains(old.scalar, now.scalar)) return false
  if (task.how === 'equal') return contains(now.scalar, old.scalar)
  // What was learnt of one through the other is only true where they are the same again.
  return old.id === 0 || isKnown(old.scalar) || (old.delta === now.delta && task.ids.match(old.id, now.id))
}

function sameStack(task: Task, old: Frame, now: Frame, read: bigint): boolean {
  const count = Math.max(old.stack.length, task.how === 'equal' ? now.stack.length : 0)
  for (let n = 0; n < count; n++) {
    if (task.how === 'covered' && ((read >> BigInt(n)) & 1n) === 0n) continue
    if (!sameSlot(task, old.slot(n), now.slot(n))) return false
  }
  return true
}

function sameSlot(task: Task, old: Slot, now: Slot): boolean {
  if (old === now) return old.reg.id === 0 || task.ids.match(old.reg.id, now.reg.id)
  for (let byte = 0; byte < 8; byte++) {
    const before = kindOf(old, byte)
    const after = kindOf(now, byte)
    if (task.how !== 'equal' && before === BYTE.invalid) continue
    if (
      before === BYTE.misc &&
      task.how !== 'equal' &&
      (after === BYTE.zero || (after === BYTE.spill && isNumber(now.reg)))
    )
      continue
    if (before !== after) return false
  }
  return kindOf(old, 0) !== BYTE.spill || sameReg(task, old.reg, now.reg)
}
