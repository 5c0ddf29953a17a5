import { liveAt } from './live.ts'
import type { Point } from './point.ts'
import { beginApart, contains, reachesBeyond } from './ranges.ts'
import { isNumber, type Reg } from './reg.ts'
import { isKnown } from './scalar.ts'
import { BYTE, isWholeSpill, kindOf, type Slot } from './stack.ts'
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
  #count = 0

  clear(): void {
    this.#count = 0
  }

  match(old: number, now: number): boolean {
    if ((old === 0) !== (now === 0)) return false
    if (old === 0) return true
    for (let i = 0; i < this.#count; i++) {
      if (this.#old[i] === old || this.#now[i] === now) return this.#old[i] === old && this.#now[i] === now
    }
    this.#old[this.#count] = old
    this.#now[this.#count++] = now
    return true
  }
}

/** Compares states, often: nothing is made on the way. */
export class StateComparison {
  readonly #live: Uint16Array
  readonly #ids = new IdPairs()
  #how: Comparison = 'covered'

  /** `live`: for each slot the registers that may still be read. */
  constructor(live: Uint16Array) {
    this.#live = live
  }

  /** Whether a point's state stands for another one at the same slot. */
  stands({ state: old, slot, slotsRead }: Point, now: State, how: Comparison): boolean {
    const { frames } = old
    if (frames.length !== now.frames.length || old.refs.length !== now.refs.length) return false
    const live = how === 'equal' ? ~0 : this.#live[slot]
    if (how !== 'equal' ? isOutside(old.regs, now.regs, live, how) : differs(old.regs, now.regs)) return false
    if (how === 'equal' && old.rounds !== now.rounds) return false
    if (old.rcu !== now.rcu || old.preempt !== now.preempt || old.lock?.map !== now.lock?.map) return false
    this.#how = how
    this.#ids.clear()
    if (!this.#ids.match(old.lock?.id ?? 0, now.lock?.id ?? 0)) return false
    for (let i = 0; i < old.refs.length; i++) if (!this.#ids.match(old.refs[i].id, now.refs[i].id)) return false
    for (let depth = frames.length - 1; depth >= 0; depth--) {
      const [frame, other] = [frames[depth], now.frames[depth]]
      if (frame.callSite !== other.callSite || frame.start !== other.start) return false
      // Fewer calls may have been looked at than can follow.
      if (frame.calledBack > other.calledBack) return false
      if (!this.#sameRegs(frame, other, how === 'equal' ? ~0 : liveAt(now, depth, slot, this.#live))) return false
      if (!this.#sameStack(frame, other, slotsRead[depth] ?? 0n)) return false
    }
    return true
  }

  #sameRegs(old: Frame, now: Frame, live: number): boolean {
    for (let r = 0; r < 11; r++) {
      if ((live & (1 << r)) !== 0 && !this.#sameReg(old.regs[r], now.regs[r])) return false
    }
    return true
  }

  /** Whether what holds for `old` holds for `now`. */
  #sameReg(old: Reg, now: Reg): boolean {
    if (old === now && old.id === 0 && old.ref === 0 && old.parent === 0) return true
    if (old.type === '?') return this.#how !== 'equal' || now.type === '?'
    if (old.type !== now.type) return false
    if (isNumber(old)) return this.#sameNumber(old, now)
    if (old.nullable !== now.nullable || old.off !== now.off || old.frame !== now.frame || old.size !== now.size)
      return false
    if (old.map !== now.map || old.readonly !== now.readonly || old.kind !== now.kind) return false
    const isEqual = this.#how === 'equal'
    if (isEqual ? old.range !== now.range : old.range > now.range) return false
    const ids = this.#ids
    if (!ids.match(old.id, now.id) || !ids.match(old.ref, now.ref) || !ids.match(old.parent, now.parent)) return false
    return contains(old.scalar, now.scalar) && (!isEqual || contains(now.scalar, old.scalar))
  }

  #sameNumber(old: Reg, now: Reg): boolean {
    if (this.#how === 'covered' && !old.trace?.isPrecise) return true
    if (!contains(old.scalar, now.scalar)) return false
    if (this.#how === 'equal') return contains(now.scalar, old.scalar)
    // What was learnt of one through the other is only true where they are the same again.
    return (
      old.id === 0 ||
      isKnown(old.scalar) ||
      (old.delta === now.delta && old.isHalf === now.isHalf && this.#ids.match(old.id, now.id))
    )
  }

  #sameStack(old: Frame, now: Frame, read: bigint): boolean {
    const count = Math.max(old.stack.length, this.#how === 'equal' ? now.stack.length : 0)
    if (this.#how === 'covered' && read === 0n) return true
    for (let n = 0; n < count; n++) {
      if (old.stack[n] === undefined && this.#how !== 'equal') continue
      if (this.#how === 'covered' && ((read >> BigInt(n)) & 1n) === 0n) continue
      if (!this.#sameSlot(old.slot(n), now.slot(n))) return false
    }
    return true
  }

  #sameSlot(old: Slot, now: Slot): boolean {
    if (old === now) return old.reg.id === 0 || this.#ids.match(old.reg.id, now.reg.id)
    const isEqual = this.#how === 'equal'
    // A number on which nothing rests is no more than bytes.
    if (!isEqual && isWholeSpill(old) && isFree(old.reg, this.#how) && isBytes(now)) return true
    for (let byte = 0; byte < 8; byte++) {
      const before = kindOf(old, byte)
      const after = kindOf(now, byte)
      if (before === after || (!isEqual && before === BYTE.invalid)) continue
      const isByte = after === BYTE.zero || (after === BYTE.spill && isNumber(now.reg))
      if (isEqual || before !== BYTE.misc || !isByte) return false
    }
    return kindOf(old, 0) !== BYTE.spill || this.#sameReg(old.reg, now.reg)
  }
}

/** Whether registers are known to differ: saves the long way for loops that count. */
function differs(old: readonly Reg[], now: readonly Reg[]): boolean {
  for (let r = 0; r < 10; r++) {
    const [before, after] = [old[r], now[r]]
    if (before === after) continue
    if (beginApart(before.scalar, after.scalar)) return true
  }
  return false
}

/** Whether a number that matters is beyond what was looked at, or a pointer elsewhere: the usual case. */
function isOutside(old: readonly Reg[], now: readonly Reg[], wanted: number, how: Comparison): boolean {
  for (let r = 0; r < 10; r++) {
    const before = old[r]
    if (((wanted >> r) & 1) === 0 || before === now[r] || before.type === '?') continue
    if (before.off !== now[r].off) return true
    if (!isNumber(before) || (how === 'covered' && !before.trace?.isPrecise)) continue
    if (reachesBeyond(now[r].scalar, before.scalar)) return true
  }
  return false
}

const isFree = (reg: Reg, how: Comparison): boolean => isNumber(reg) && how === 'covered' && !reg.trace?.isPrecise

/** Whether all bytes were written, and are not part of anything. */
function isBytes(slot: Slot): boolean {
  for (let byte = 0; byte < 8; byte++) {
    const kind = kindOf(slot, byte)
    if (kind !== BYTE.misc && kind !== BYTE.zero) return false
  }
  return true
}
