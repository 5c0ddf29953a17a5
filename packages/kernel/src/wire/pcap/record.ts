import type { ByteViews } from '../../packet/copy.ts'
import { byteViews } from '../../packet/copy.ts'
import { LINKTYPE_ETHERNET } from './link-types.ts'
import { MICROSECONDS, type TickClock, type TimeWords } from './timestamp.ts'

/** An interface that a capture was taken on. A classic pcap file has one. */
export interface CaptureInterface {
  /** Number within the whole capture, over all sections of a pcapng file. */
  readonly index: number
  readonly linkType: number
  /** Bytes kept of each frame, 0 for all. */
  readonly snapLength: number
  readonly name?: string
  readonly description?: string
  /** Bytes of checksum at the end of each frame, 0 if unknown or none. */
  readonly fcsLength: number
  readonly clock: TickClock
}

const UNKNOWN: CaptureInterface = {
  index: 0,
  linkType: LINKTYPE_ETHERNET,
  snapLength: 0,
  fcsLength: 0,
  clock: MICROSECONDS,
}
const NOTHING = byteViews(new Uint8Array(0))

/** The packet that a parser stands at. One object for a whole capture, overwritten by the next packet; its bytes stay where
 *  they are until more bytes are fed. */
export class RecordCursor implements TimeWords {
  /** Where its record or block begins in the capture. */
  position = 0
  iface: CaptureInterface = UNKNOWN
  /** Whether the record has a time. Simple packet blocks have none. */
  timed = false
  tsHi = 0
  tsLo = 0
  bytes: ByteViews = NOTHING
  /** Where the packet begins in `bytes`. */
  offset = 0
  /** Bytes that were kept of it. */
  length = 0
  /** Bytes that it had on the wire. */
  originalLength = 0
  /** Range of the record's options in `bytes`, empty for none. */
  optionsFrom = 0
  optionsTo = 0
  /** Byte order of the options. */
  littleEndian = true
  /** Whether options are those of the obsolete packet block, whose numbers beyond comment and flags differ. */
  obsolete = false
}

/** What a parser's `next` says. */
export const NEED_MORE = 0
export const RECORD = 1
export const END = 2

/** Largest record or block that is taken for real, bytes. Bounds what a stream of garbage can make a parser keep. */
export const LARGEST_RECORD = 16 << 20
