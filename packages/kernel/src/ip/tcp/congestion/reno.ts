import { type CongestionControl, type CongestionState, slowStart } from './control.ts'

/** Slow start and congestion avoidance by one segment a round trip. Sources: RFC 5681 §3.1, RFC 6582. */
export const reno: CongestionControl = {
  name: 'reno',
  begin() {
    // Nothing to remember.
  },
  acknowledged(state, bytes) {
    const rest = slowStart(state, bytes)
    if (rest > 0) state.window += (state.mss * rest) / state.window
  },
  reduced: (state: CongestionState) => Math.max(state.window / 2, 2 * state.mss),
}
