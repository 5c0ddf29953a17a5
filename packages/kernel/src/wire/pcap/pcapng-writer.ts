import { type ByteViews, copyBytes } from '../../packet/copy.ts'
import * as blocks from './block-types.ts'
import { ChunkWriter, DEFAULT_CHUNK, type EmitBytes } from './chunk-writer.ts'
import { LINKTYPE_ETHERNET } from './link-types.ts'
import * as layout from './options.ts'
import { bytesOption, commentOption, joinOptions, textOption, u64Option } from './pcapng-options.ts'
import type { TimeWords } from './timestamp.ts'

// Engines fold constants of the own module, not imported ones.
const { BLOCK_ENHANCED_PACKET, BLOCK_INTERFACE, BLOCK_SECTION, BLOCK_STATISTICS, BYTE_ORDER_MAGIC } = blocks
const { EPB_DROPCOUNT, EPB_FLAGS, EPB_PACKETID, EPB_QUEUE } = layout
const { IF_DESCRIPTION, IF_MAC_ADDRESS, IF_NAME, IF_TSRESOL } = layout
const { ISB_ENDTIME, ISB_IFDROP, ISB_IFRECV, ISB_STARTTIME } = layout
const { SHB_HARDWARE, SHB_OS, SHB_USERAPPL } = layout

/** What a section says of itself. */
export interface SectionOptions {
  /** The machine, e.g. its processor. */
  hardware?: string
  os?: string
  /** The program that writes. */
  application?: string
  comment?: string
}

export interface InterfaceOptions {
  name: string
  description?: string
  /** Default: Ethernet. */
  linkType?: number
  /** Bytes kept of each frame, default 0: all. */
  snapLength?: number
  /** 6 bytes. */
  macAddress?: Uint8Array
}

/** What is written about a packet besides its bytes. Reused from packet to packet. */
export class PacketHead implements TimeWords {
  /** Number that {@link PcapngWriter.addInterface} gave. */
  iface = 0
  /** Nanoseconds since 1970. */
  tsHi = 0
  tsLo = 0
  originalLength = 0
  /** DIRECTION_INBOUND or DIRECTION_OUTBOUND and the other bits of epb_flags; 0 for not written. */
  flags = 0
  /** Packets of this interface that were lost since the last one written; 0 for not written. */
  dropCount = 0
  /** The same number for the same packet at several interfaces; -1 for not written. */
  packetId = -1
  /** Queue of the interface; -1 for not written. */
  queue = -1
  /** A prepared comment, see commentOption. */
  comment: Int32Array | undefined = undefined
}

export interface Statistics {
  received: number
  dropped: number
  /** Nanoseconds since 1970. */
  start?: bigint
  end?: bigint
}

const WORD = 0x1_0000_0000
const NO_OPTIONS = new Int32Array(0)
const PACKET_HEAD = 28

/** Writes pcapng: one section, nanosecond times, little-endian. */
export class PcapngWriter {
  private readonly chunks: ChunkWriter
  private interfaces = 0
  /** Bytes from the start of the packet block that is being written. */
  private packetAt = 0
  private packetBytes = 0

  constructor(emit: EmitBytes, section: SectionOptions = {}, chunkBytes = DEFAULT_CHUNK) {
    this.chunks = new ChunkWriter(emit, chunkBytes)
    const { hardware, os, application, comment } = section
    const said = joinOptions([
      comment === undefined ? undefined : commentOption(comment),
      hardware === undefined ? undefined : textOption(SHB_HARDWARE, hardware),
      os === undefined ? undefined : textOption(SHB_OS, os),
      application === undefined ? undefined : textOption(SHB_USERAPPL, application),
    ])
    // Version 1.0; a section of unknown length.
    this.block(BLOCK_SECTION, [BYTE_ORDER_MAGIC, 1, -1, -1], said)
  }

  /** Bytes written so far, emitted or not. */
  get written(): number {
    return this.chunks.written
  }

  /** Describes an interface. Gives the number by which packets name it. */
  addInterface(options: InterfaceOptions): number {
    const { name, description, linkType = LINKTYPE_ETHERNET, snapLength = 0, macAddress } = options
    const nanoseconds = Uint8Array.of(9)
    this.block(
      BLOCK_INTERFACE,
      [linkType, snapLength],
      joinOptions([
        textOption(IF_NAME, name),
        description === undefined ? undefined : textOption(IF_DESCRIPTION, description),
        macAddress === undefined ? undefined : bytesOption(IF_MAC_ADDRESS, macAddress),
        bytesOption(IF_TSRESOL, nanoseconds),
      ]),
    )
    return this.interfaces++
  }

  /** Bytes of the block of a packet, to ask before it is written whether there is room for it somewhere. */
  blockSize(head: PacketHead, captured: number): number {
    return PACKET_HEAD + ((captured + 3) & ~3) + optionWords(head) * 4 + 4
  }

  /** Writes a packet of `length` bytes at `offset` of `from`. */
  packet(head: PacketHead, from: ByteViews, offset: number, length: number): void {
    this.beginPacket(head, length)
    this.addBytes(from, offset, length)
    this.endPacket(head)
  }

  /** Begins a packet of `captured` bytes. They are written in pieces by {@link addBytes}, or to {@link views} where
   *  {@link placeBytes} says. */
  beginPacket(head: PacketHead, captured: number): void {
    const { chunks } = this
    const size = this.blockSize(head, captured)
    chunks.room(size)
    const words = chunks.views.i32
    const at = chunks.at >> 2
    words[at] = BLOCK_ENHANCED_PACKET
    words[at + 1] = size
    words[at + 2] = head.iface
    words[at + 3] = head.tsHi
    words[at + 4] = head.tsLo
    words[at + 5] = captured
    words[at + 6] = head.originalLength
    this.packetAt = PACKET_HEAD
    this.packetBytes = size
  }

  addBytes(from: ByteViews, offset: number, length: number): void {
    const { views, at } = this.chunks
    copyBytes(views.u8, views.i32, at + this.packetAt, from.u8, from.i32, offset, length)
    this.packetAt += length
  }

  /** What {@link placeBytes} counts in; another one with every packet. */
  get views(): ByteViews {
    return this.chunks.views
  }

  /** Where the next `length` bytes of the packet are to be written. */
  placeBytes(length: number): number {
    const at = this.chunks.at + this.packetAt
    this.packetAt += length
    return at
  }

  endPacket(head: PacketHead): void {
    const { chunks } = this
    const words = chunks.views.i32
    let at = (chunks.at + this.packetAt + 3) >> 2
    if (head.flags !== 0) {
      words[at] = (4 << 16) | EPB_FLAGS
      words[at + 1] = head.flags
      at += 2
    }
    if (head.dropCount !== 0) {
      words[at] = (8 << 16) | EPB_DROPCOUNT
      words[at + 1] = head.dropCount
      words[at + 2] = Math.floor(head.dropCount / WORD)
      at += 3
    }
    if (head.packetId >= 0) {
      words[at] = (8 << 16) | EPB_PACKETID
      words[at + 1] = head.packetId
      words[at + 2] = Math.floor(head.packetId / WORD)
      at += 3
    }
    if (head.queue >= 0) {
      words[at] = (4 << 16) | EPB_QUEUE
      words[at + 1] = head.queue
      at += 2
    }
    const comment = head.comment
    if (comment !== undefined) {
      for (let i = 0; i < comment.length; i++) words[at + i] = comment[i]
      at += comment.length
    }
    // The end mark is a zero word, as is every word that was not written.
    words[(chunks.at + this.packetBytes - 4) >> 2] = this.packetBytes
    chunks.advance(this.packetBytes)
  }

  /** Statistics of an interface, usually at the end. */
  statistics(iface: number, { received, dropped, start, end }: Statistics): void {
    const now = end ?? 0n
    this.block(
      BLOCK_STATISTICS,
      [iface, Number(BigInt.asIntN(32, now >> 32n)), Number(BigInt.asIntN(32, now))],
      joinOptions([
        start === undefined ? undefined : timeOption(ISB_STARTTIME, start),
        end === undefined ? undefined : timeOption(ISB_ENDTIME, end),
        u64Option(ISB_IFRECV, BigInt(received)),
        u64Option(ISB_IFDROP, BigInt(dropped)),
      ]),
    )
  }

  /** Emits what is complete. */
  flush(): void {
    this.chunks.flush()
  }

  private block(type: number, body: readonly number[], options: Int32Array = NO_OPTIONS): void {
    const size = 12 + (body.length + options.length) * 4
    const { chunks } = this
    chunks.room(size)
    const at = chunks.at >> 2
    chunks.views.i32.set([type, size, ...body, ...options, size], at)
    chunks.advance(size)
  }
}

const optionWords = (head: PacketHead): number => {
  let words = 0
  if (head.flags !== 0) words += 2
  if (head.dropCount !== 0) words += 3
  if (head.packetId >= 0) words += 3
  if (head.queue >= 0) words += 2
  if (head.comment !== undefined) words += head.comment.length
  return words === 0 ? 0 : words + 1
}

/** Times in options are written like those of packets: upper word first. */
const timeOption = (code: number, time: bigint): Int32Array =>
  u64Option(code, ((time & 0xffff_ffffn) << 32n) | ((time >> 32n) & 0xffff_ffffn))
