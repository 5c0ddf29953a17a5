import type { State } from './state.ts'

/** A state that was kept, so that paths that come to the same slot later can be compared with it. */
export interface Point {
  readonly slot: number
  state: State
  readonly parent: Point | undefined
  /** Points above it. */
  readonly depth: number
  /** Paths that go on from here and have not come to their ends; 0: all that can follow was looked at. */
  open: number
  /** How often it stood for another state, and how often it did not. */
  hits: number
  misses: number
  /** By depth of the frame: stack slots that were read behind it, and those that were written between its parent and it. */
  readonly slotsRead: bigint[]
  readonly writtenBefore: readonly bigint[]
  /** The outermost point whose end it takes to know all that is read and asked for behind this one. */
  awaits: Point | undefined
  /** Of a point that others await: they, and the paths that ended because a point that was not closed stood for them. */
  readonly waiting: Point[]
  readonly echoes: Echo[]
}

/** Where a path is: the last point of it, and stack slots that were written since, by depth of the frame. */
export interface Trail {
  readonly point: Point | undefined
  readonly written: readonly bigint[]
}

/** The end of a path that goes on as another one did which is still being followed. */
export interface Echo extends Trail {
  readonly state: State
  readonly target: Point
}

/**
 * Slots of a frame's stack (a bit set) are read: who was here before on this path could have had others in them. Whether that was
 * news to anybody.
 */
export function readSlots({ point, written }: Trail, depth: number, slots: bigint): boolean {
  let open = slots & ~(written[depth] ?? 0n)
  let isNews = false
  for (let p = point; p && open !== 0n; p = p.parent) {
    const known = p.slotsRead[depth] ?? 0n
    // What was read behind this point before is known further up.
    open &= ~known
    if (open === 0n) break
    isNews = true
    p.slotsRead[depth] = known | open
    open &= ~(p.writtenBefore[depth] ?? 0n)
  }
  return isNews
}
