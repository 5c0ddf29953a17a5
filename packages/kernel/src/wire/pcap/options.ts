import { CaptureFormatError } from './format-error.ts'
import type { RecordCursor } from './record.ts'

/** Option numbers of all blocks and of packet and interface blocks. Source: the pcapng specification. */
export const OPT_END = 0
export const OPT_COMMENT = 1
export const SHB_HARDWARE = 2
export const SHB_OS = 3
export const SHB_USERAPPL = 4
export const IF_NAME = 2
export const IF_DESCRIPTION = 3
export const IF_MAC_ADDRESS = 6
export const IF_TSRESOL = 9
export const IF_FCSLEN = 13
export const IF_TSOFFSET = 14
export const EPB_FLAGS = 2
export const EPB_DROPCOUNT = 4
export const EPB_PACKETID = 5
export const EPB_QUEUE = 6
export const ISB_STARTTIME = 2
export const ISB_ENDTIME = 3
export const ISB_IFRECV = 4
export const ISB_IFDROP = 5

/** Direction in EPB_FLAGS bits 0–1. */
export const DIRECTION_INBOUND = 1
export const DIRECTION_OUTBOUND = 2

/** How a received packet was addressed, in EPB_FLAGS bits 2–4. */
const RECEPTIONS = [undefined, 'unicast', 'multicast', 'broadcast', 'promiscuous'] as const

/** Calls `visit` for each option in `[from, to)` of the view. `position`: place of `from` in the capture, for errors. */
export const walkOptions = (
  view: DataView,
  from: number,
  to: number,
  littleEndian: boolean,
  position: number,
  visit: (code: number, at: number, length: number) => void,
): void => {
  let at = from
  while (at < to) {
    if (at + 4 > to) throw new CaptureFormatError('an option is cut short', position + at - from)
    const code = view.getUint16(at, littleEndian)
    const length = view.getUint16(at + 2, littleEndian)
    if (code === OPT_END) return
    if (at + 4 + length > to) {
      throw new CaptureFormatError(`option ${code} of ${length} bytes goes past its block`, position + at - from)
    }
    visit(code, at + 4, length)
    at += 4 + ((length + 3) & ~3)
  }
}

/** What a packet's options say. */
export interface PacketOptions {
  comments: string[]
  direction?: 'inbound' | 'outbound'
  reception?: Exclude<(typeof RECEPTIONS)[number], undefined>
  /** Packets lost since the last one of this interface. */
  dropCount?: bigint
  packetId?: bigint
  queue?: number
}

const text = new TextDecoder()

/** Text of bytes that may be shared memory, which decoders do not take. */
export const textAt = (view: DataView, at: number, length: number): string =>
  text.decode(new Uint8Array(view.buffer, view.byteOffset + at, length).slice())

/** Decodes the options of the packet that the cursor stands at. They were checked when it was parsed. */
export const packetOptions = (record: RecordCursor): PacketOptions => {
  const options: PacketOptions = { comments: [] }
  const view = new DataView(record.bytes.u8.buffer)
  const little = record.littleEndian
  walkOptions(view, record.optionsFrom, record.optionsTo, little, record.position, (code, at, length) => {
    if (code === OPT_COMMENT) options.comments.push(textAt(view, at, length))
    else if (code === EPB_FLAGS && length === 4) {
      const flags = view.getUint32(at, little)
      const direction = flags & 3
      const reception = RECEPTIONS[(flags >> 2) & 7]
      if (reception !== undefined) options.reception = reception
      if (direction === DIRECTION_INBOUND) options.direction = 'inbound'
      if (direction === DIRECTION_OUTBOUND) options.direction = 'outbound'
    } else if (record.obsolete) return
    else if (code === EPB_DROPCOUNT && length === 8) options.dropCount = view.getBigUint64(at, little)
    else if (code === EPB_PACKETID && length === 8) options.packetId = view.getBigUint64(at, little)
    else if (code === EPB_QUEUE && length === 4) options.queue = view.getUint32(at, little)
  })
  return options
}
