import { COPY } from './copy-reason.ts'
import { makeLinear } from './edit.ts'
import * as layout from './fields.ts'
import type { Packets } from './packets.ts'
import { shareBuffer } from './pages.ts'
import { SegmentHeaders } from './segment-headers.ts'

// Engines fold constants of the own module, not imported ones.
const {
  FLAG_UNREADABLE,
  META_MASK,
  PKT_BUFFER,
  PKT_CSUM,
  PKT_DATA,
  PKT_FRAGMENTS,
  PKT_GSO,
  PKT_GSO_TYPE,
  PKT_INNER_NETWORK,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_MAC,
  PKT_NETWORK,
  PKT_SHIFT,
  PKT_STATE,
  PKT_WORDS,
} = layout
const GSO_SIZE = 0xffff

/** Cuts a packet into its segments: TCP segments, or UDP datagrams, inside of a tunnel too. Only headers are copied: payload is referred
 *  to where it is. The checksum of each is left to whoever sends it (CSUM_PARTIAL). */
export class Segmenter {
  private readonly headers = new SegmentHeaders()
  private handle = -1
  /** Payload bytes altogether, of a segment, and that are cut off already. */
  private payload = 0
  private size = 0
  private done = 0
  private n = 0
  /** Linear payload that is left. */
  private linear = 0
  /** The fragment that comes next, and how much of it is gone. */
  private fragment = 0
  private skip = 0

  /** Begins with a packet that has a GSO size; how many segments it will be. 0, and it is left alone, if it is malformed. */
  begin(packets: Packets, handle: number): number {
    const i = handle << PKT_SHIFT
    for (let wanted = 1; ; ) {
      if (!makeLinear(packets, handle, wanted)) return 0
      const linear = packets.fields[i + PKT_LINEAR]
      wanted = this.headers.find(packets, handle, linear)
      if (wanted === 0) return 0
      if (wanted <= linear) break
    }
    const { fields } = packets
    this.handle = handle
    this.size = fields[i + PKT_GSO] & GSO_SIZE
    this.payload = fields[i + PKT_LENGTH] - this.headers.length
    this.done = 0
    this.n = 0
    this.linear = fields[i + PKT_LINEAR] - this.headers.length
    this.fragment = fields[i + PKT_FRAGMENTS]
    this.skip = 0
    return Math.max(1, Math.ceil(this.payload / this.size))
  }

  /** The next segment; -1 without memory. Not asked for more than there are. */
  next(packets: Packets): number {
    const segment = packets.alloc(this.headers.length)
    if (segment < 0) return -1
    const bytes = Math.min(this.size, this.payload - this.done)
    this.copyHeaders(packets, segment)
    if (!this.attach(packets, segment, bytes)) {
      packets.free(segment)
      return -1
    }
    this.headers.complete(packets, segment, this.n, this.done, this.done + bytes === this.payload)
    this.done += bytes
    this.n++
    return segment
  }

  /** Headers, and all that is known of the packet. */
  private copyHeaders(packets: Packets, segment: number): void {
    const { fields, memory } = packets
    const from = this.handle << PKT_SHIFT
    const to = segment << PKT_SHIFT
    const buffer = fields[to + PKT_BUFFER]
    const data = fields[to + PKT_DATA]
    const by = data - fields[from + PKT_DATA]
    for (let word = 0; word < PKT_WORDS; word++) fields[to + word] = fields[from + word]
    fields[to + PKT_BUFFER] = buffer
    fields[to + PKT_DATA] = data
    fields[to + PKT_LENGTH] = this.headers.length
    fields[to + PKT_LINEAR] = this.headers.length
    fields[to + PKT_MAC] += by
    fields[to + PKT_NETWORK] += by
    if (fields[to + PKT_INNER_NETWORK] !== 0) fields[to + PKT_INNER_NETWORK] += by
    fields[to + PKT_CSUM] += by
    fields[to + PKT_FRAGMENTS] = 0
    fields[to + PKT_GSO] = 0
    fields[to + PKT_GSO_TYPE] = 0
    fields[to + PKT_STATE] &= ~META_MASK
    memory.move(data, data - by, this.headers.length, COPY.headers)
  }

  /** Lets a segment refer to the next `bytes` of the payload. */
  private attach(packets: Packets, segment: number, bytes: number): boolean {
    const { fields, fragments } = packets
    const to = segment << PKT_SHIFT
    let last = 0
    let left = bytes
    while (left > 0) {
      const part = this.takePart(packets, left)
      if (part === 0) return false
      left -= fragments.length(part)
      fields[to + PKT_LENGTH] += fragments.length(part)
      if (last === 0) fields[to + PKT_FRAGMENTS] = part
      else fragments.link(last, part)
      last = part
    }
    if (last === 0) fields[to + PKT_STATE] &= ~FLAG_UNREADABLE
    return true
  }

  /** A reference to at most `most` bytes of payload: of the linear part, then of one fragment. */
  private takePart(packets: Packets, most: number): number {
    const { fields, fragments } = packets
    const i = this.handle << PKT_SHIFT
    if (this.linear > 0) {
      const bytes = Math.min(most, this.linear)
      const at = fields[i + PKT_DATA] + fields[i + PKT_LINEAR] - this.linear
      this.linear -= bytes
      return shareBuffer(packets, fields[i + PKT_BUFFER], at, bytes)
    }
    const left = fragments.length(this.fragment) - this.skip
    const bytes = Math.min(most, left)
    const part = fragments.slice(this.fragment, this.skip, bytes)
    this.skip += bytes
    if (bytes === left) {
      this.fragment = fragments.next(this.fragment)
      this.skip = 0
    }
    return part
  }
}
