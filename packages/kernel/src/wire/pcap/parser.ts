import { BLOCK_SECTION } from './block-types.ts'
import { ByteWindow } from './byte-window.ts'
import { CaptureFormatError } from './format-error.ts'
import { PCAP_MICROSECONDS, PCAP_NANOSECONDS, PcapParser } from './pcap-parser.ts'
import { PcapngParser } from './pcapng-parser.ts'
import { NEED_MORE, RecordCursor } from './record.ts'

/** First bytes of what is handed in by mistake, or is not supported. */
const GZIP = 0x1f8b
const ZSTANDARD = 0x28b52ffd
const EXTENDED_PCAP = 0xa1b2cd34

/** Parses a capture of any supported format as its bytes arrive: feed, then ask for packets until NEED_MORE, feed again; at
 *  the end finish and ask until END. Whatever the bytes are, the answers are packets or one CaptureFormatError. */
export class CaptureParser {
  /** The packet found by {@link next} last. */
  readonly record = new RecordCursor()
  private readonly window = new ByteWindow()
  private parser: PcapParser | PcapngParser | undefined

  /** Adds bytes, which must stay as they are until NEED_MORE. */
  feed(chunk: Uint8Array): void {
    this.window.feed(chunk)
  }

  /** No more bytes will come. */
  finish(): void {
    this.window.finish()
  }

  /** RECORD: `record` stands at the next packet. NEED_MORE, END. Throws CaptureFormatError. */
  next(): number {
    this.parser ??= this.choose()
    return this.parser === undefined ? NEED_MORE : this.parser.next(this.record)
  }

  private choose(): PcapParser | PcapngParser | undefined {
    const { window } = this
    if (window.exhausted) throw new CaptureFormatError('the capture is empty', window.position)
    if (!window.has(4, 'its magic number')) return undefined
    const magic = window.view.getUint32(window.at, false)
    const swapped = window.view.getUint32(window.at, true)
    if (magic === BLOCK_SECTION) return new PcapngParser(window)
    for (const number of [PCAP_MICROSECONDS, PCAP_NANOSECONDS]) {
      if (magic === number || swapped === number)
        return new PcapParser(window, swapped === number, number === PCAP_NANOSECONDS)
    }
    throw new CaptureFormatError(problemOf(magic, swapped), window.position)
  }
}

const problemOf = (magic: number, swapped: number): string => {
  if (magic >>> 16 === GZIP) return 'the capture is compressed by gzip; decompress it first'
  if (magic === ZSTANDARD) return 'the capture is compressed by zstd; decompress it first'
  if (magic === EXTENDED_PCAP || swapped === EXTENDED_PCAP) return 'pcap with extended record headers is not supported'
  return `neither pcap nor pcapng begins with 0x${magic.toString(16).padStart(8, '0')}`
}
