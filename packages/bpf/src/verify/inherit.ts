import { liveAt } from './live.ts'
import { type Point, readSlots, type Trail } from './point.ts'
import type { State } from './state.ts'

/**
 * A point stands for a state on another path: what is read and asked for behind the point is so on that path too. Whether that
 * was news to anybody.
 */
export function inherit(point: Point, now: State, trail: Trail, live: Uint16Array): boolean {
  const { state, slotsRead } = point
  let isNews = false
  for (let depth = 0; depth < state.frames.length; depth++) {
    const frame = state.frames[depth]
    const other = now.frames[depth]
    const wanted = liveAt(state, depth, point.slot, live)
    for (let r = 0; r < 10; r++) {
      if (((wanted >> r) & 1) === 1 && frame.regs[r].trace?.isPrecise && other.regs[r].trace?.demand()) isNews = true
    }
    const slots = slotsRead[depth] ?? 0n
    if (slots === 0n) continue
    if (readSlots(trail, depth, slots)) isNews = true
    for (let n = 0; n < frame.stack.length; n++) {
      if (!frame.stack[n]?.reg.trace?.isPrecise || ((slots >> BigInt(n)) & 1n) === 0n) continue
      if (other.slot(n).reg.trace?.demand()) isNews = true
    }
  }
  return isNews
}
