import { errno } from '@netkit/netlink'
import type { CompletionRing } from './completion-ring.ts'
import type { ZcrxInstance } from './instance.ts'
import type { ReceiveAttempt } from './receive.ts'
import type { ReceivingStream } from './stream.ts'

/** What {@link ReceiveRequest.attempt} says besides a final result. */
export const WAIT = 1
export const AGAIN = 2

/** A RECV_ZC request that waits for data, again and again until it ends. Source: spec 03 §3.11. */
export class ReceiveRequest {
  readonly userLow: number
  readonly userHigh: number
  readonly stream: ReceivingStream
  readonly instance: ZcrxInstance
  /** In the queue of its ring's requests that are to run. */
  queued = false
  /** What ends the watch of its stream. */
  unwatch: (() => void) | undefined
  /** Bytes that it may still hand over; 0: no bound. */
  #left: number
  readonly #bounded: boolean

  constructor(userLow: number, userHigh: number, stream: ReceivingStream, instance: ZcrxInstance, length: number) {
    this.userLow = userLow
    this.userHigh = userHigh
    this.stream = stream
    this.instance = instance
    this.#left = length
    this.#bounded = length !== 0
  }

  /** Hands over what there is. WAIT or AGAIN while it goes on, else its final result: 0 or a negative errno. */
  attempt(attempt: ReceiveAttempt, ring: CompletionRing): number {
    const { stream } = this
    attempt.begin(this.instance, ring, this.userLow, this.userHigh, this.#left)
    stream.receiveQueue.walk(attempt)
    const { bytes, error } = attempt
    if (bytes === 0) return error !== 0 ? error : this.#ended()
    stream.consume(bytes)
    if (this.#bounded) {
      this.#left -= bytes
      if (this.#left === 0) return 0
    }
    return error !== 0 || attempt.stopped || stream.finReceived ? AGAIN : WAIT
  }

  #ended(): number {
    const { stream } = this
    if (stream.finReceived) return 0
    const error = stream.takeError()
    if (error !== 0) return -error
    if (stream.receiveShut) return 0
    return stream.unconnected ? -errno.ENOTCONN : WAIT
  }
}
