/** A frame of a recording. */
export interface Frame {
  /** Microseconds since 1970. */
  readonly time: number
  /** Which device it was seen on, if the recording says it. */
  readonly device: string | undefined
  readonly bytes: Uint8Array
  /** Length on the wire. */
  readonly length: number
  readonly comment: string | undefined
  /** The same packet has the same number, wherever it is seen. */
  readonly packet?: bigint
  /** The device sent it, and has not received it; undefined if the recording does not say. */
  readonly outgoing?: boolean
}

const ETHERNET = 1
const SECTION = 0x0a0d0d0a
const INTERFACE = 1
const SIMPLE = 3
const PACKET = 6
const BYTE_ORDER = 0x1a2b3c4d
const OPTION_COMMENT = 1
const OPTION_NAME = 2
const OPTION_FLAGS = 2
const OPTION_PACKET = 5
/** Two bits of the flags. */
const DIRECTION = 3
const OUTBOUND = 2
const OPTION_RESOLUTION = 9
const MICRO = 1_000_000

interface Interface {
  readonly name: string | undefined
  /** Ticks a second. */
  readonly ticks: number
}

/** Reads frames of Ethernet from a pcap or pcapng file. Throws Error where it is neither, or cut in the middle of a block. */
export function readFrames(file: Uint8Array): Frame[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (file.length < 24) throw new Error(`not a recording: ${file.length} bytes are too few`)
  if (view.getUint32(0, true) === SECTION) return [...new PcapngReader().feed(file)]
  const magic = [view.getUint32(0, true), view.getUint32(0, false)]
  const little = PCAP.has(magic[0])
  const perSecond = PCAP.get(magic[little ? 0 : 1])
  if (perSecond === undefined) throw new Error('neither pcap nor pcapng: the first bytes are those of something else')
  return pcap(view, file, little, perSecond)
}

const PCAP = new Map([
  [0xa1b2c3d4, MICRO],
  [0xa1b23c4d, 1000 * MICRO],
])

function pcap(view: DataView, file: Uint8Array, little: boolean, ticks: number): Frame[] {
  const u32 = (at: number) => view.getUint32(at, little)
  if ((u32(20) & 0xffff) !== ETHERNET)
    throw new Error(`a recording of link type ${u32(20) & 0xffff}, expected ${ETHERNET}: Ethernet`)
  const frames: Frame[] = []
  for (let at = 24; at < file.length; ) {
    const kept = at + 16 <= file.length ? u32(at + 8) : -1
    if (kept < 0 || at + 16 + kept > file.length)
      throw new Error(`the recording is cut: the frame at byte ${at} is not whole`)
    const bytes = file.subarray(at + 16, at + 16 + kept)
    frames.push({
      time: u32(at) * MICRO + (u32(at + 4) * MICRO) / ticks,
      device: undefined,
      bytes,
      length: u32(at + 12),
      comment: undefined,
    })
    at += 16 + kept
  }
  return frames
}

/** Reads a pcapng file in pieces that begin and end at blocks. */
export class PcapngReader {
  #little = true
  #interfaces: Interface[] = []

  #order(view: DataView, at: number): boolean {
    if (view.getUint32(at, true) === SECTION) this.#little = view.getUint32(at + 8, true) === BYTE_ORDER
    return this.#little
  }

  *feed(piece: Uint8Array): Generator<Frame, void, undefined> {
    for (const block of blocksOf(piece, (view, at) => this.#order(view, at))) {
      const { type, view, body, end } = block
      if (type === SECTION) this.#interfaces = []
      else if (type === INTERFACE) this.#interfaces.push(this.#interface(view, body, end))
      else if (type === PACKET) yield this.#packet(view, body, end)
      else if (type === SIMPLE) {
        const length = view.getUint32(body, this.#little)
        const bytes = bytesOf(view, body + 4, Math.min(length, end - body - 4))
        yield { time: 0, device: this.#interfaces[0]?.name, bytes, length, comment: undefined }
      }
    }
  }

  #interface(view: DataView, body: number, end: number): Interface {
    const type = view.getUint16(body, this.#little)
    if (type !== ETHERNET) throw new Error(`a recording of link type ${type}, expected ${ETHERNET}: Ethernet`)
    const options = this.#options(view, body + 8, end)
    const resolution = options.get(OPTION_RESOLUTION)?.[0] ?? 6
    const ticks = resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution
    return { name: text(options.get(OPTION_NAME)), ticks }
  }

  #packet(view: DataView, body: number, end: number): Frame {
    const u32 = (at: number) => view.getUint32(at, this.#little)
    const device = this.#interfaces[u32(body)]
    const kept = u32(body + 12)
    const time = ((u32(body + 4) * 2 ** 32 + u32(body + 8)) * MICRO) / (device?.ticks ?? MICRO)
    const options = this.#options(view, body + 20 + ((kept + 3) & ~3), end)
    return {
      time,
      device: device?.name,
      bytes: bytesOf(view, body + 20, kept),
      length: u32(body + 16),
      comment: text(options.get(OPTION_COMMENT)),
      ...this.#origin(options),
    }
  }

  /** Which packet it is, and which way it went. */
  #origin(options: ReadonlyMap<number, Uint8Array>): Pick<Frame, 'packet' | 'outgoing'> {
    const id = options.get(OPTION_PACKET)
    const flags = options.get(OPTION_FLAGS)
    const direction = flags && viewOf(flags).getUint32(0, this.#little) & DIRECTION
    return {
      ...(id && { packet: viewOf(id).getBigUint64(0, this.#little) }),
      ...(direction && { outgoing: direction === OUTBOUND }),
    }
  }

  #options(view: DataView, start: number, end: number): Map<number, Uint8Array> {
    const options = new Map<number, Uint8Array>()
    for (let at = start; at + 4 <= end; ) {
      const code = view.getUint16(at, this.#little)
      const length = view.getUint16(at + 2, this.#little)
      if (code === 0 || at + 4 + length > end) break
      if (!options.has(code)) options.set(code, bytesOf(view, at + 4, length))
      at += 4 + ((length + 3) & ~3)
    }
    return options
  }
}

interface Block {
  readonly type: number
  readonly view: DataView
  /** Where its content begins, and ends. */
  readonly body: number
  readonly end: number
  /** Where the block itself ends. */
  readonly next: number
}

function* blocksOf(
  bytes: Uint8Array,
  order: (view: DataView, at: number) => boolean,
): Generator<Block, void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length; ) {
    const little = at + 12 <= bytes.length && order(view, at)
    const length = at + 12 <= bytes.length ? view.getUint32(at + 4, little) : 0
    if (length < 12 || length % 4 !== 0 || at + length > bytes.length)
      throw new Error(`the recording is cut: the block at byte ${at} is not whole`)
    const type = view.getUint32(at, little)
    yield { type, view, body: at + 8, end: at + length - 4, next: at + length }
    at += length
  }
}

/** Where the `n`th packet of a piece of pcapng ends, and how many there are up to there. */
export function cutAfter(piece: Uint8Array, n: number): { readonly end: number; readonly packets: number } {
  let packets = 0
  let end = 0
  for (const { type, next } of blocksOf(piece, () => true)) {
    if (packets === n) break
    if (type === PACKET || type === SIMPLE) packets += 1
    end = next
  }
  return { end, packets }
}

const bytesOf = (view: DataView, at: number, length: number): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + at, length)
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes)
