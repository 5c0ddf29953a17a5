import { type CongestionControl, slowStart } from './control.ts'

/** Source: RFC 9438 §4, in segments and seconds. */
const C = 0.4
const BETA = 0.7
const ALPHA = (3 * (1 - BETA)) / (1 + BETA)

/** Places in the memory: all in segments but the times. */
const MAXIMUM = 0
const EPOCH = 1
const K = 2
const ORIGIN = 3
const ESTIMATE = 4

/** The window grows by the time since the last loss, not by the round trip. Source: RFC 9438. */
export const cubic: CongestionControl = {
  name: 'cubic',
  begin(state) {
    state.memory.fill(0)
  },
  acknowledged(state, bytes, now) {
    const rest = slowStart(state, bytes)
    if (rest <= 0) return
    const { memory, mss } = state
    const window = state.window / mss
    if (memory[EPOCH] === 0) beginEpoch(memory, window, now)
    const seconds = (now - memory[EPOCH] + state.roundTrip) / 1e6
    const target = memory[ORIGIN] + C * (seconds - memory[K]) ** 3
    const share = rest / mss / window
    // As fast as Reno where Reno is faster.
    memory[ESTIMATE] += (memory[ESTIMATE] >= memory[MAXIMUM] ? 1 : ALPHA) * share
    let grown = window + (Math.min(Math.max(target, window), 1.5 * window) - window) * share
    if (memory[ESTIMATE] > grown) grown = memory[ESTIMATE]
    state.window = grown * mss
  },
  reduced(state) {
    const { memory, mss } = state
    const window = state.window / mss
    memory[EPOCH] = 0
    // Fast convergence: a flow that has to give way leaves more to the others.
    memory[MAXIMUM] = window < memory[MAXIMUM] ? (window * (1 + BETA)) / 2 : window
    return Math.max(window * BETA, 2) * mss
  },
}

function beginEpoch(memory: Float64Array, window: number, now: number): void {
  memory[EPOCH] = now
  memory[ESTIMATE] = window
  if (window < memory[MAXIMUM]) {
    memory[K] = Math.cbrt((memory[MAXIMUM] - window) / C)
    memory[ORIGIN] = memory[MAXIMUM]
  } else {
    memory[K] = 0
    memory[ORIGIN] = window
    memory[MAXIMUM] = window
  }
}
