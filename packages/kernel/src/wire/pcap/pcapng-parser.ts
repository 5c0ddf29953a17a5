import * as blocks from './block-types.ts'
import type { ByteWindow } from './byte-window.ts'
import { CaptureFormatError } from './format-error.ts'
import { IF_DESCRIPTION, IF_FCSLEN, IF_NAME, IF_TSOFFSET, IF_TSRESOL, textAt, walkOptions } from './options.ts'
import { type CaptureInterface, END, LARGEST_RECORD, NEED_MORE, RECORD, type RecordCursor } from './record.ts'
import { clockOfResolution, ticksToTime } from './timestamp.ts'

// Engines fold constants of the own module, not imported ones.
const { BLOCK_ENHANCED_PACKET, BLOCK_INTERFACE, BLOCK_PACKET, BLOCK_SECTION, BLOCK_SIMPLE_PACKET, BYTE_ORDER_MAGIC } =
  blocks

/** Type and two lengths. */
const FRAME = 12
const PACKET_DATA = 28
const SIMPLE_PACKET_DATA = 12

/** Smallest length of the blocks that are looked into, 0 for others. */
const smallestOf = (type: number): number => {
  if (type === BLOCK_ENHANCED_PACKET || type === BLOCK_PACKET) return 32
  if (type === BLOCK_SIMPLE_PACKET) return 16
  if (type === BLOCK_INTERFACE) return 20
  return type === BLOCK_SECTION ? 28 : 0
}

/** pcapng, any number of sections of either byte order. */
export class PcapngParser {
  private readonly window: ByteWindow
  private little = true
  private inSection = false
  /** Interfaces of the current section, by the numbers that its packets use. */
  private interfaces: CaptureInterface[] = []
  private interfaceCount = 0
  /** Length of a block that was passed over, until its repetition at the end has been compared. */
  private passing = 0

  constructor(window: ByteWindow) {
    this.window = window
  }

  next(record: RecordCursor): number {
    const { window } = this
    while (true) {
      if (this.passing !== 0) {
        if (!window.has(4, 'a block')) return NEED_MORE
        this.checkTrailer(window.at, this.passing)
        window.at += 4
        this.passing = 0
      }
      if (window.exhausted) return END
      if (!window.has(FRAME, 'a block header')) return NEED_MORE
      const { at, view } = window
      if (view.getUint32(at, true) === BLOCK_SECTION) this.little = this.byteOrder(at)
      else if (!this.inSection) throw new CaptureFormatError('a section header is expected', window.position)
      const type = view.getUint32(at, this.little)
      const length = view.getUint32(at + 4, this.little)
      const smallest = smallestOf(type)
      if (length % 4 !== 0 || length < (smallest || FRAME)) {
        throw new CaptureFormatError(`a block of type ${type} cannot have ${length} bytes`, window.positionOf(at + 4))
      }
      if (smallest === 0) {
        window.skip(length - 4)
        this.passing = length
        continue
      }
      if (length > LARGEST_RECORD) {
        throw new CaptureFormatError(`a block of ${length} bytes is not believable`, window.positionOf(at + 4))
      }
      if (!window.has(length, 'a block')) return NEED_MORE
      this.checkTrailer(at + length - 4, length)
      const isPacket = this.take(type, at, length, record)
      window.at += length
      if (isPacket) return RECORD
    }
  }

  private byteOrder(at: number): boolean {
    const { view } = this.window
    if (view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC) return true
    if (view.getUint32(at + 8, false) === BYTE_ORDER_MAGIC) return false
    throw new CaptureFormatError('no byte-order magic in a section header', this.window.positionOf(at + 8))
  }

  private checkTrailer(at: number, length: number): void {
    const repeated = this.window.view.getUint32(at, this.little)
    if (repeated === length) return
    throw new CaptureFormatError(`a block of ${length} bytes ends as one of ${repeated}`, this.window.positionOf(at))
  }

  /** Whether the block is a packet; then the cursor stands at it. */
  private take(type: number, at: number, length: number, record: RecordCursor): boolean {
    if (type === BLOCK_ENHANCED_PACKET || type === BLOCK_PACKET) this.packet(type, at, length, record)
    else if (type === BLOCK_SIMPLE_PACKET) this.simplePacket(at, length, record)
    else {
      if (type === BLOCK_SECTION) this.section(at)
      else this.interface(at, length)
      return false
    }
    return true
  }

  private section(at: number): void {
    const { view } = this.window
    const major = view.getUint16(at + 12, this.little)
    if (major !== 1)
      throw new CaptureFormatError(`pcapng version ${major} is not known`, this.window.positionOf(at + 12))
    this.inSection = true
    this.interfaces = []
  }

  private interface(at: number, length: number): void {
    const { view } = this.window
    const little = this.little
    const found: { -readonly [Key in keyof CaptureInterface]: CaptureInterface[Key] } = {
      index: this.interfaceCount++,
      linkType: view.getUint16(at + 8, little),
      snapLength: view.getUint32(at + 12, little),
      fcsLength: 0,
      clock: clockOfResolution(6, 0n),
    }
    let resolution = 6
    let offset = 0n
    walkOptions(view, at + 16, at + length - 4, little, this.window.positionOf(at + 16), (code, value, bytes) => {
      if (code === IF_NAME) found.name = textAt(view, value, bytes)
      else if (code === IF_DESCRIPTION) found.description = textAt(view, value, bytes)
      else if (code === IF_TSRESOL && bytes >= 1) resolution = view.getUint8(value)
      else if (code === IF_FCSLEN && bytes >= 1) found.fcsLength = view.getUint8(value)
      else if (code === IF_TSOFFSET && bytes >= 8) offset = view.getBigInt64(value, little)
    })
    found.clock = clockOfResolution(resolution, offset)
    this.interfaces.push(found)
  }

  private interfaceOf(number: number, at: number): CaptureInterface {
    const found = this.interfaces[number]
    if (found) return found
    throw new CaptureFormatError(
      `a packet of interface ${number}, but the section has described ${this.interfaces.length}`,
      this.window.positionOf(at),
    )
  }

  private packet(type: number, at: number, length: number, record: RecordCursor): void {
    const { window, little } = this
    const { view } = window
    const obsolete = type === BLOCK_PACKET
    const iface = this.interfaceOf(obsolete ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little), at + 8)
    const captured = view.getUint32(at + 20, little)
    const data = at + PACKET_DATA
    const end = at + length - 4
    if (captured > end - data) {
      throw new CaptureFormatError(`a packet of ${captured} bytes goes past its block`, window.positionOf(at + 20))
    }
    ticksToTime(view.getUint32(at + 12, little), view.getUint32(at + 16, little), iface.clock, record)
    record.timed = true
    record.iface = iface
    record.originalLength = view.getUint32(at + 24, little)
    this.place(record, at, data, captured)
    record.obsolete = obsolete
    record.optionsFrom = data + ((captured + 3) & ~3)
    record.optionsTo = end
    if (record.optionsFrom < end) {
      walkOptions(view, record.optionsFrom, end, little, window.positionOf(record.optionsFrom), ignore)
    }
  }

  private simplePacket(at: number, length: number, record: RecordCursor): void {
    const { window } = this
    const iface = this.interfaceOf(0, at)
    const original = window.view.getUint32(at + 8, this.little)
    const captured = iface.snapLength === 0 ? original : Math.min(original, iface.snapLength)
    if (captured > length - 16) {
      throw new CaptureFormatError(`a packet of ${captured} bytes goes past its block`, window.positionOf(at + 8))
    }
    record.timed = false
    record.tsHi = 0
    record.tsLo = 0
    record.iface = iface
    record.originalLength = original
    this.place(record, at, at + SIMPLE_PACKET_DATA, captured)
    record.optionsFrom = 0
    record.optionsTo = 0
  }

  private place(record: RecordCursor, at: number, data: number, captured: number): void {
    record.position = this.window.positionOf(at)
    record.bytes = this.window.views
    record.offset = data
    record.length = captured
    record.littleEndian = this.little
  }
}

const ignore = (): void => undefined
