import type { Ack, Data } from '@netkit/netlink'

/** A message that answers a request: where its header starts and its payload ends in the bytes of its datagram. */
export interface Reply {
  readonly data: Data
  readonly type: number
  readonly start: number
  readonly end: number
}

/** One request on its way, and the answers that have come so far. */
export class Exchange {
  readonly op: string
  readonly request: Uint8Array
  readonly isDump: boolean
  readonly replies: Reply[] = []
  /** The kernel marked an answer: what it lists changed meanwhile. */
  interrupted = false
  /** Called once the kernel has said its last word, or never will. */
  onEnd: (() => void) | undefined
  /** Resolves when the kernel has acknowledged or refused; rejects if no answer will come. */
  readonly outcome: Promise<Ack>
  #resolve!: (ack: Ack) => void
  #reject!: (reason: unknown) => void

  constructor(op: string, request: Uint8Array, isDump: boolean) {
    this.op = op
    this.request = request
    this.isDump = isDump
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  resolve(ack: Ack): void {
    this.#resolve(ack)
  }

  reject(reason: unknown): void {
    this.#reject(reason)
  }
}
