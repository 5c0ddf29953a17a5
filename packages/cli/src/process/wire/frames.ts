/** Bytes in front of each frame: u32 length of what follows the header, u8 type, u8 zero, u16 tag; little endian. */
export const FRAME_HEADER = 8

/** What a frame holds. Source: docs/protocol.md. */
export const FRAME = {
  /** Client, first frame: JSON, who asks and for what. */
  hello: 1,
  /** Kernel, answer to `hello`: JSON. */
  welcome: 2,
  /** Client: JSON `{ call, ... }`. */
  call: 3,
  /** Kernel: JSON, or nothing, for the call or datagram with the same tag. */
  result: 4,
  /** Kernel: JSON `{ errno, code, op, message, extack? }`. Tag 0: the connection is refused and closed. */
  error: 5,
  /** Either: bytes that belong to the next `call` or `result`. */
  attachment: 6,
  /** Either: one netlink datagram; from the kernel: to this socket alone. */
  datagram: 7,
  /** Kernel: u32 group, s32 nsid (-1: of the socket's own namespace), one netlink datagram. */
  multicast: 8,
  /** Kernel: datagrams were lost here, as ENOBUFS says. */
  lost: 9,
  /** Kernel: bytes of a running capture. */
  chunk: 10,
} as const

/** Bytes that are not what docs/protocol.md says. The connection they came from is closed. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

/** `payload` may be kept: it is part of a larger buffer, which is not used again. */
export type OnFrame = (type: number, tag: number, payload: Uint8Array) => void

/** Most bytes that are set aside on the word of a header alone; the rest is, as it comes. */
const TRUST = 65_536

/** Cuts a stream of bytes into frames. What a peer can make it hold is bounded by `limit`. */
export class FrameReader {
  /** Longest payload that is accepted. */
  limit: number
  readonly #onFrame: OnFrame
  /** A frame that has not come whole: its bytes so far, header included. */
  #partial: Uint8Array | undefined
  #have = 0

  constructor(limit: number, onFrame: OnFrame) {
    this.limit = limit
    this.#onFrame = onFrame
  }

  /** Takes bytes as they come; calls back for each frame that is complete. Throws ProtocolError. */
  push(chunk: Uint8Array): void {
    let at = 0
    if (this.#partial) {
      at = this.#complete(chunk)
      if (this.#partial) return
    }
    while (chunk.length - at >= FRAME_HEADER) {
      const end = at + FRAME_HEADER + this.#lengthAt(chunk, at)
      if (end > chunk.length) break
      this.#emit(chunk, at, end)
      at = end
    }
    if (at < chunk.length) this.#keep(chunk.subarray(at))
  }

  #lengthAt(bytes: Uint8Array, at: number): number {
    const length = (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
    if (length > this.limit) throw new ProtocolError(`frame of ${length} bytes, at most ${this.limit} are allowed here`)
    return length
  }

  #emit(bytes: Uint8Array, at: number, end: number): void {
    this.#onFrame(bytes[at + 4], bytes[at + 6] | (bytes[at + 7] << 8), bytes.subarray(at + FRAME_HEADER, end))
  }

  #keep(rest: Uint8Array): void {
    this.#partial = new Uint8Array(Math.max(512, rest.length))
    this.#have = 0
    this.#add(rest)
    if (this.#have >= FRAME_HEADER) this.#lengthAt(this.#partial, 0)
  }

  #add(bytes: Uint8Array): void {
    const partial = this.#partial!
    const need = this.#have + bytes.length
    if (need <= partial.length) partial.set(bytes, this.#have)
    else {
      const whole = this.#have >= FRAME_HEADER ? FRAME_HEADER + this.#lengthAt(partial, 0) : 0
      const bigger = new Uint8Array(Math.max(need, Math.min(whole, Math.max(2 * need, TRUST))))
      bigger.set(partial.subarray(0, this.#have))
      bigger.set(bytes, this.#have)
      this.#partial = bigger
    }
    this.#have = need
  }

  /** Adds to the partial frame what belongs to it; returns how much of the chunk that was. */
  #complete(chunk: Uint8Array): number {
    let at = 0
    if (this.#have < FRAME_HEADER) {
      at = Math.min(FRAME_HEADER - this.#have, chunk.length)
      this.#add(chunk.subarray(0, at))
      if (this.#have < FRAME_HEADER) return at
    }
    const whole = FRAME_HEADER + this.#lengthAt(this.#partial!, 0)
    const more = Math.min(whole - this.#have, chunk.length - at)
    this.#add(chunk.subarray(at, at + more))
    if (this.#have === whole) {
      const frame = this.#partial!
      this.#partial = undefined
      this.#emit(frame, 0, whole)
    }
    return at + more
  }
}

/** Writes the header of a frame. */
export function putHeader(into: Uint8Array, at: number, type: number, tag: number, length: number): void {
  into[at] = length
  into[at + 1] = length >>> 8
  into[at + 2] = length >>> 16
  into[at + 3] = length >>> 24
  into[at + 4] = type
  into[at + 5] = 0
  into[at + 6] = tag
  into[at + 7] = tag >>> 8
}

/** A whole frame. */
export function frame(type: number, tag: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER + payload.length)
  putHeader(bytes, 0, type, tag, payload.length)
  bytes.set(payload, FRAME_HEADER)
  return bytes
}

const utf8 = new TextEncoder()
const text = new TextDecoder('utf-8', { fatal: true })

export const encodeJson = (value: unknown): Uint8Array => utf8.encode(JSON.stringify(value))

/** Throws ProtocolError for what is not an object in JSON. */
export function decodeJson(payload: Uint8Array, what: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text.decode(payload))
  } catch (cause) {
    throw new ProtocolError(`${what} is not JSON`, { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ProtocolError(`${what} is not a JSON object`)
  return value as Record<string, unknown>
}
