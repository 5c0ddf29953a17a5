/**
 * Where a number came from, and whether a decision of the verifier rests on it. Numbers are never changed, only replaced, so that
 * a number that was asked for on one path is known to matter in each state that was kept on the way there, and in no other.
 */
export class Trace {
  /** Something was decided by the number: states that differ in it differ. */
  isPrecise = false
  #from: Trace | undefined
  #other: Trace | undefined

  constructor(from?: Trace, other?: Trace) {
    this.#from = from
    this.#other = other
  }

  /** The number matters, and with it all that it was made of. Whether that was news. */
  demand(): boolean {
    if (this.isPrecise) return false
    const open: Trace[] = [this]
    for (let trace = open.pop(); trace; trace = open.pop()) {
      if (trace.isPrecise) continue
      trace.isPrecise = true
      if (trace.#from) open.push(trace.#from)
      if (trace.#other) open.push(trace.#other)
      trace.#from = undefined
      trace.#other = undefined
    }
    return true
  }
}
