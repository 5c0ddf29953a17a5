import { ProtocolError } from './frames.ts'
import { ATTACHMENTS_LIMIT, FRAME_LIMIT } from './protocol.ts'

/** The frames that carry attachments: one that is as long as a frame may be goes on in the next. */
export function* attachmentPieces(attachments: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const bytes of attachments) {
    let at = 0
    for (; bytes.length - at >= FRAME_LIMIT; at += FRAME_LIMIT) yield bytes.subarray(at, at + FRAME_LIMIT)
    yield bytes.subarray(at)
  }
}

/** What a piece costs besides its bytes, so that empty ones are bounded, too. */
const PIECE_COST = 1024

/** Puts attachments together again, up to a bound. */
export class Attachments {
  #whole: Uint8Array[] = []
  #pieces: Uint8Array[] = []
  #bytes = 0

  /** Throws ProtocolError if there is more than may be. */
  put(piece: Uint8Array): void {
    this.#bytes += piece.length + PIECE_COST
    if (this.#bytes > ATTACHMENTS_LIMIT) throw new ProtocolError(`more than ${ATTACHMENTS_LIMIT} bytes of attachments`)
    this.#pieces.push(piece)
    if (piece.length === FRAME_LIMIT) return
    this.#whole.push(this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces))
    this.#pieces = []
  }

  /** Those that came since the last call. */
  take(): Uint8Array[] {
    const whole = this.#whole
    this.#whole = []
    this.#pieces = []
    this.#bytes = 0
    return whole
  }
}

/** Many short byte strings in one: each behind its u32 length. */
export function packList(list: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(list.reduce((sum, one) => sum + 4 + one.length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const one of list) {
    view.setUint32(at, one.length, true)
    bytes.set(one, at + 4)
    at += 4 + one.length
  }
  return bytes
}

/** Throws ProtocolError. */
export function unpackList(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const list: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const start = at + 4
    const end = start > bytes.length ? start : start + view.getUint32(at, true)
    if (end > bytes.length) throw new ProtocolError('a list of byte strings ends too early')
    list.push(bytes.subarray(start, end))
    at = end
  }
  return list
}
