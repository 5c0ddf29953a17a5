import { IO_URING_CQE, IORING_CQE_F_MORE } from '@netkit/netlink'
import type { Rings } from './rings.ts'
import type { SharedWords } from './words.ts'

/** High word of the user data of events; those of requests have 0 there. */
export const EVENT_DATA = 1

/** What the kernel tells besides data: it found no buf for a packet; it had to copy. Told once, until it is armed again. */
export type ZcrxEvent = 'alloc-fail' | 'copy'
export const ZCRX_EVENTS: readonly ZcrxEvent[] = ['alloc-fail', 'copy']

/** Sees completions in order. Nothing is allocated for them. */
export interface ZcrxVisitor {
  /**
   * Bytes of a stream, which are the application's until it gives them back: once for each call, by `offset` and `area`.
   * `offset`: in the area of that number.
   */
  data(stream: number, offset: number, length: number, area: number): void
  /** The last of a stream. 0: its end, or as much as was asked for; else a negative errno, and data still waits. */
  end(stream: number, result: number): void
  event?(event: ZcrxEvent): void
}

const AREA_SHIFT = 16

/** Shows completions that wait to a visitor; how many. */
export function visit(rings: Rings, words: SharedWords, visitor: ZcrxVisitor): number {
  let count = 0
  for (let at = rings.next(); at >= 0; at = rings.next()) {
    const { i32 } = words
    const stream = i32[at]
    const isEvent = i32[at + 1] === EVENT_DATA
    const res = i32[at + (IO_URING_CQE.res >> 2)]
    const flags = i32[at + (IO_URING_CQE.flags >> 2)]
    const offset = i32[at + (IO_URING_CQE.off >> 2)]
    const area = i32[at + (IO_URING_CQE.off >> 2) + 1] >>> AREA_SHIFT
    rings.seen()
    count++
    if (isEvent) visitor.event?.(ZCRX_EVENTS[res])
    else if ((flags & IORING_CQE_F_MORE) !== 0) visitor.data(stream, offset, res, area)
    else visitor.end(stream, res)
  }
  return count
}
