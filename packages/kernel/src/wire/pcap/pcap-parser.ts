import type { ByteWindow } from './byte-window.ts'
import { CaptureFormatError } from './format-error.ts'
import { END, LARGEST_RECORD, NEED_MORE, RECORD, type RecordCursor } from './record.ts'
import { MICROSECONDS, NANOSECONDS, secondsToTime } from './timestamp.ts'

export const PCAP_MICROSECONDS = 0xa1b2c3d4
export const PCAP_NANOSECONDS = 0xa1b23c4d

const FILE_HEADER = 24
const RECORD_HEADER = 16

/** Link type field: number in the low half; upper bits say whether and how much checksum ends each frame. */
const LINKTYPE_MASK = 0xffff
const FCS_KNOWN = 0x04000000

/** Classic pcap, both byte orders, micro- and nanoseconds. The window stands at the magic number. */
export class PcapParser {
  private readonly window: ByteWindow
  private readonly little: boolean
  private readonly nanoseconds: boolean
  private opened = false

  constructor(window: ByteWindow, littleEndian: boolean, nanoseconds: boolean) {
    this.window = window
    this.little = littleEndian
    this.nanoseconds = nanoseconds
  }

  next(record: RecordCursor): number {
    if (!this.opened && !this.open(record)) return NEED_MORE
    const { window, little } = this
    if (window.exhausted) return END
    if (!window.has(RECORD_HEADER, 'a record header')) return NEED_MORE
    const { at, view } = window
    const length = view.getUint32(at + 8, little)
    if (length > LARGEST_RECORD) {
      throw new CaptureFormatError(`a record of ${length} bytes is not believable`, window.positionOf(at + 8))
    }
    if (!window.has(RECORD_HEADER + length, 'a packet')) return NEED_MORE
    record.position = window.position
    secondsToTime(view.getUint32(at, little), view.getUint32(at + 4, little) * (this.nanoseconds ? 1 : 1000), record)
    record.bytes = window.views
    record.offset = at + RECORD_HEADER
    record.length = length
    record.originalLength = view.getUint32(at + 12, little)
    window.at += RECORD_HEADER + length
    return RECORD
  }

  private open(record: RecordCursor): boolean {
    const { window, little } = this
    if (!window.has(FILE_HEADER, 'the file header')) return false
    const { at, view } = window
    const version = view.getUint16(at + 4, little)
    if (version !== 2) throw new CaptureFormatError(`pcap version ${version} is not known`, window.positionOf(at + 4))
    const link = view.getUint32(at + 20, little)
    record.iface = {
      index: 0,
      linkType: link & LINKTYPE_MASK,
      snapLength: view.getUint32(at + 16, little),
      fcsLength: (link & FCS_KNOWN) !== 0 ? (link >>> 28) * 2 : 0,
      clock: this.nanoseconds ? NANOSECONDS : MICROSECONDS,
    }
    record.timed = true
    window.at += FILE_HEADER
    this.opened = true
    return true
  }
}
