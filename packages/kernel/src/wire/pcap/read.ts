import { type PacketOptions, packetOptions } from './options.ts'
import { CaptureParser } from './parser.ts'
import { type CaptureInterface, RECORD, type RecordCursor } from './record.ts'
import { timeToBig } from './timestamp.ts'

/** A packet of a capture, with everything that its record says. */
export interface CaptureRecord extends PacketOptions {
  /** Where its record or block begins in the capture. */
  readonly position: number
  readonly interface: CaptureInterface
  /** Nanoseconds since 1970; undefined when the record has no time. */
  readonly timestamp: bigint | undefined
  /** The bytes that were kept, a copy. */
  readonly data: Uint8Array<ArrayBuffer>
  /** Bytes that it had on the wire. */
  readonly originalLength: number
}

const recordOf = (cursor: RecordCursor): CaptureRecord => ({
  ...packetOptions(cursor),
  position: cursor.position,
  interface: cursor.iface,
  timestamp: cursor.timed ? timeToBig(cursor) : undefined,
  data: new Uint8Array(cursor.bytes.u8.subarray(cursor.offset, cursor.offset + cursor.length)),
  originalLength: cursor.originalLength,
})

function* parsed(parser: CaptureParser): Generator<CaptureRecord, void, undefined> {
  while (parser.next() === RECORD) yield recordOf(parser.record)
}

/** The packets of a whole capture, pcap or pcapng. Throws CaptureFormatError at the first byte that is wrong, after the
 *  packets before it. */
export function* parseCapture(bytes: Uint8Array): Generator<CaptureRecord, void, undefined> {
  const parser = new CaptureParser()
  parser.feed(bytes)
  parser.finish()
  yield* parsed(parser)
}

/** The packets of a capture that comes in chunks of any size. Keeps no more than one packet's worth of them. */
export async function* readCapture(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<CaptureRecord, void, undefined> {
  const parser = new CaptureParser()
  for await (const chunk of chunks) {
    parser.feed(chunk)
    yield* parsed(parser)
  }
  parser.finish()
  yield* parsed(parser)
}
