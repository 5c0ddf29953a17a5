/** What congestion control knows of a connection. Bytes and microseconds. */
export interface CongestionState {
  readonly mss: number
  window: number
  threshold: number
  /** Bytes that are under way. */
  readonly pipe: number
  /** Smoothed round trip; 0: not known. */
  readonly roundTrip: number
  /** The algorithm's own. */
  readonly memory: Float64Array
}

/** An algorithm of congestion control. Source: RFC 5681. */
export interface CongestionControl {
  readonly name: string
  begin(state: CongestionState): void
  /** Bytes were acknowledged while the window was in use and nothing was lost. */
  acknowledged(state: CongestionState, bytes: number, now: number): void
  /** Loss: the threshold from now on. */
  reduced(state: CongestionState): number
}

/** Numbers that an algorithm may keep. */
export const MEMORY = 8

/** Slow start: grows by what was acknowledged, up to the threshold; gives what is left of that. Source: RFC 5681 §3.1, RFC 3465. */
export function slowStart(state: CongestionState, bytes: number): number {
  if (state.window >= state.threshold) return bytes
  const room = state.threshold - state.window
  const growth = Math.min(bytes, room)
  state.window += growth
  return bytes - growth
}
