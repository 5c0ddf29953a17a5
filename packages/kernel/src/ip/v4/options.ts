import { IP4_HEADER } from '../core/headers.ts'

const OPTION_END = 0
const OPTION_NOOP = 1
const LSRR = 131
const SSRR = 137
const RECORD_ROUTE = 7
const TIMESTAMP = 68

/** They ask for a way of their own. Linux takes none of these packets unless told to. */
export const SOURCE_ROUTED = -1

/**
 * Checks the options of the header at `at`. 0: they may pass; above 0: the byte of the header that is wrong; SOURCE_ROUTED.
 * Record route and timestamp options are checked but not filled in. Source: RFC 791 §3.1.
 */
export function checkOptions4(u8: Uint8Array, at: number, header: number): number {
  let routed = false
  for (let o = IP4_HEADER; o < header; ) {
    const type = u8[at + o]
    if (type === OPTION_END) break
    if (type === OPTION_NOOP) {
      o++
      continue
    }
    const length = o + 1 < header ? u8[at + o + 1] : 0
    if (length < 2 || o + length > header) return o
    const fault = faultOf(type, length, length > 2 ? u8[at + o + 2] : 0)
    if (fault !== 0) return o + fault
    routed ||= type === LSRR || type === SSRR
    o += length
  }
  return routed ? SOURCE_ROUTED : 0
}

/** The byte of an option that is wrong, from its beginning; 0: none. */
function faultOf(type: number, length: number, pointer: number): number {
  switch (type) {
    case LSRR:
    case SSRR:
    case RECORD_ROUTE:
      if (length < 3) return 1
      if (pointer < 4) return 2
      return pointer <= length && pointer + 3 > length ? 2 : 0
    case TIMESTAMP:
      if (length < 4) return 1
      return pointer < 5 ? 2 : 0
    default:
      return 0
  }
}
