import { type ByteViews, copyBytes } from '../../packet/copy.ts'
import { ChunkWriter, DEFAULT_CHUNK, type EmitBytes } from './chunk-writer.ts'
import { LINKTYPE_ETHERNET } from './link-types.ts'
import { PCAP_MICROSECONDS, PCAP_NANOSECONDS } from './pcap-parser.ts'
import { type TimeWords, timeToSeconds } from './timestamp.ts'

export interface PcapOptions {
  /** Default: Ethernet. */
  linkType?: number
  /** Said in the header, default 262144. */
  snapLength?: number
  /** Resolution of times: nanoseconds (default), or microseconds for old readers. */
  nanoseconds?: boolean
  chunkBytes?: number
}

const FILE_HEADER = 24
const RECORD_HEADER = 16

/** Writes classic pcap, little-endian. No interfaces, comments or directions: that takes pcapng. */
export class PcapWriter {
  private readonly chunks: ChunkWriter
  private readonly nanoseconds: boolean
  private readonly rest = { nanoseconds: 0 }

  constructor(emit: EmitBytes, options: PcapOptions = {}) {
    const {
      linkType = LINKTYPE_ETHERNET,
      snapLength = 262144,
      nanoseconds = true,
      chunkBytes = DEFAULT_CHUNK,
    } = options
    this.chunks = new ChunkWriter(emit, chunkBytes)
    this.nanoseconds = nanoseconds
    this.chunks.room(FILE_HEADER)
    const { view } = this.chunks
    view.setUint32(0, nanoseconds ? PCAP_NANOSECONDS : PCAP_MICROSECONDS, true)
    view.setUint16(4, 2, true)
    view.setUint16(6, 4, true)
    view.setUint32(16, snapLength, true)
    view.setUint32(20, linkType, true)
    this.chunks.advance(FILE_HEADER)
  }

  /** Bytes written so far, emitted or not. */
  get written(): number {
    return this.chunks.written
  }

  /** Writes a packet of `length` bytes at `offset` of `from`. Seconds from 2106 on wrap. */
  packet(time: Readonly<TimeWords>, from: ByteViews, offset: number, length: number, originalLength: number): void {
    const { chunks } = this
    chunks.room(RECORD_HEADER + length)
    const { view, views, at } = chunks
    const seconds = timeToSeconds(time, this.rest)
    const fraction = this.rest.nanoseconds
    view.setUint32(at, seconds, true)
    view.setUint32(at + 4, this.nanoseconds ? fraction : Math.floor(fraction / 1000), true)
    view.setUint32(at + 8, length, true)
    view.setUint32(at + 12, originalLength, true)
    copyBytes(views.u8, views.i32, at + RECORD_HEADER, from.u8, from.i32, offset, length)
    chunks.advance(RECORD_HEADER + length)
  }

  /** Emits what is complete. */
  flush(): void {
    this.chunks.flush()
  }
}
