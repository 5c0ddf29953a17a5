import type { Op } from './program.ts'

/** A program and a packet for it, and how PROG_TEST_RUN is asked to run it. */
export interface Case {
  readonly name: string
  /** Hex. */
  readonly packet: string
  /** `struct __sk_buff` that goes in, hex; absent: none, and none is wanted. */
  readonly context?: string
  readonly flags?: number
  readonly repeat?: number
  readonly cpu?: number
  readonly batch?: number
  /** Room for the packet and the context that come out. */
  readonly room?: number
  readonly contextRoom?: number
  readonly ops: readonly Op[]
  readonly verdict: number
}

/** What became of it. */
export interface Answer {
  /** Errno of loading, if it was refused, and the last lines of the log. */
  readonly load?: number
  readonly log?: readonly string[]
  /** What PROG_TEST_RUN returned. */
  readonly result?: number
  readonly verdict?: number
  readonly size?: number
  readonly data?: string
  readonly context?: string
  readonly contextSize?: number
  /** The program's notes, hex without trailing zeros. */
  readonly map?: string
}
