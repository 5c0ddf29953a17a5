import type { StackClock } from '../core/clock.ts'

/** What a connection waits for. */
export const RETRANSMIT = 0
export const TAIL_PROBE = 1
export const REORDER = 2
export const PERSIST = 3
export const DELAYED_ACK = 4
export const KEEP_ALIVE = 5
export const WAIT = 6
const TIMERS = 7

const NEVER = Number.POSITIVE_INFINITY

/**
 * The timers of one connection. They are moved with every segment, nearly always to later: the clock is asked for one call that is
 * early enough, and that call looks again.
 */
export class SocketTimers {
  readonly #clock: StackClock
  readonly #due = new Float64Array(TIMERS).fill(NEVER)
  #call: { cancel(): void } | undefined
  #callAt = NEVER
  readonly #wake: () => void
  /** Called with each timer that is due. */
  onDue: ((timer: number) => void) | undefined

  constructor(clock: StackClock) {
    this.#clock = clock
    this.#wake = () => this.#run()
  }

  /** Milliseconds from now. */
  set(timer: number, ms: number): void {
    const at = this.#clock.now + ms
    this.#due[timer] = at
    if (at < this.#callAt) this.#reschedule(at)
  }

  #reschedule(at: number): void {
    this.#call?.cancel()
    this.#callAt = at
    this.#call = this.#clock.after(Math.max(0, at - this.#clock.look()), this.#wake)
  }

  cancel(timer: number): void {
    this.#due[timer] = NEVER
  }

  isSet(timer: number): boolean {
    return this.#due[timer] !== NEVER
  }

  /** Milliseconds that are left of a timer; infinite if it is not set. */
  left(timer: number): number {
    return this.#due[timer] - this.#clock.now
  }

  clear(): void {
    this.#due.fill(NEVER)
    this.#call?.cancel()
    this.#call = undefined
    this.#callAt = NEVER
  }

  #run(): void {
    this.#call = undefined
    this.#callAt = NEVER
    const now = this.#clock.look()
    for (let timer = 0; timer < TIMERS; timer++) {
      if (this.#due[timer] > now) continue
      this.#due[timer] = NEVER
      this.onDue?.(timer)
    }
    let next = NEVER
    for (const at of this.#due) if (at < next) next = at
    if (next < this.#callAt) this.#reschedule(next)
  }
}
