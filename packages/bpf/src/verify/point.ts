import type { State } from './state.ts'

/** A state that was kept, so that paths that come to the same slot later can be compared with it. */
export interface Point {
  readonly slot: number
  /** Undefined once nobody is compared with it any more. */
  state: State | undefined
  readonly parent: Point | undefined
  /** Paths that go on from here and have not come to their ends; 0: all that can follow was looked at. */
  open: number
  /** How often it stood for another state, and how often it did not. */
  hits: number
  misses: number
  /** By depth of the frame: stack slots that were read behind it, and those that were written between its parent and it. */
  readonly slotsRead: bigint[]
  readonly writtenBefore: readonly bigint[]
}

/** A path ends that went on from a point. */
export function closePath(point: Point | undefined): void {
  for (let p = point; p; p = p.parent) {
    p.open--
    if (p.open > 0) return
  }
}
