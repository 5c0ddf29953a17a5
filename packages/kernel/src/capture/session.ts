import type { PacketFilter } from '@netkit/bpf'
import type { PacketBatch } from '../packet/batch.ts'
import { COPY } from '../packet/copy-reason.ts'
import * as layout from '../packet/fields.ts'
import type { Packets } from '../packet/packets.ts'
import { VLAN_HLEN } from '../packet/vlan.ts'
import { DIRECTION_INBOUND, DIRECTION_OUTBOUND } from '../wire/pcap/options.ts'
import { commentOption } from '../wire/pcap/pcapng-options.ts'
import { type InterfaceOptions, PacketHead, PcapngWriter, type SectionOptions } from '../wire/pcap/pcapng-writer.ts'
import { bigToTime } from '../wire/pcap/timestamp.ts'
import { ChunkQueue } from './chunk-queue.ts'
import { type CaptureNotes, NO_NOTE } from './notes.ts'

// Engines fold constants of the own module, not imported ones.
const {
  FLAG_UNREADABLE,
  MAC_UNSET,
  PKT_DATA,
  PKT_FRAGMENTS,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_MAC,
  PKT_QUEUE,
  PKT_SERIAL,
  PKT_SHIFT,
  PKT_STATE,
  PKT_VLAN,
  TYPE_BROADCAST,
  TYPE_HOST,
  TYPE_MASK,
  TYPE_MULTICAST,
  TYPE_OTHERHOST,
} = layout

export interface CaptureSessionOptions {
  readonly packets: Packets
  /** Gives packets their time. */
  readonly world: { now(): bigint }
  /** Nanoseconds since 1970 of the world's moment 0, default 0. */
  readonly epoch?: bigint
  readonly notes: CaptureNotes
  /** What to say of a device when it is first seen; undefined: its packets are not wanted. */
  readonly describe: (device: number) => InterfaceOptions | undefined
  /** Which packets are wanted. Default: all. */
  readonly filter?: PacketFilter
  /** Also what programs did to packets. A packet that was wanted once is followed then, whatever they make of it. Default: no. */
  readonly programs?: boolean
  /** Bytes kept of each packet, default 262144. */
  readonly snapLength?: number
  /** Also packets with a note: dropped ones. Default: yes. */
  readonly drops?: boolean
  /** Bytes that may wait for the reader; packets that come then are counted as lost. Default 8 MiB. */
  readonly limit?: number
  readonly section?: SectionOptions
}

/** Bytes of a frame in front of its tag. */
const MACS = 12

/** Packets that are followed at once, at most; a power of two. */
const FOLLOWED = 4096

/** Interface numbers by device: what is not in the table yet, and what was found not to be wanted. */
const UNSEEN = 0
const UNWANTED = -1

/** epb_flags bits 2–4: how a received frame was addressed, by packet type. */
const RECEPTION = new Int32Array(8)
RECEPTION[TYPE_HOST] = 1 << 2
RECEPTION[TYPE_MULTICAST] = 2 << 2
RECEPTION[TYPE_BROADCAST] = 3 << 2
RECEPTION[TYPE_OTHERHOST] = 4 << 2

/** One running capture of any number of devices, as pcapng. The same packet at several devices has the same packet id. */
export class CaptureSession {
  /** Packets recorded, and packets lost because the reader was too slow. */
  captured = 0
  lost = 0
  private readonly packets: Packets
  private readonly world: { now(): bigint }
  private readonly epoch: bigint
  private readonly notes: CaptureNotes
  private readonly describe: (device: number) => InterfaceOptions | undefined
  private readonly snapLength: number
  private readonly limit: number
  private readonly drops: boolean
  readonly programs: boolean
  private readonly filter: PacketFilter | undefined
  /** Serials of packets that were wanted, where their low bits say. */
  private readonly followed: Int32Array
  private readonly writer: PcapngWriter
  private readonly queue: ChunkQueue
  private readonly head = new PacketHead()
  /** Interface number + 1 by device. */
  private interfaces = new Int32Array(64)
  /** By interface: packets recorded, lost, lost since the last one recorded. */
  private readonly counts: { captured: number; lost: number; lostSince: number }[] = []
  private emitted = 0
  private open = true

  constructor(options: CaptureSessionOptions) {
    this.packets = options.packets
    this.world = options.world
    this.epoch = options.epoch ?? 0n
    this.notes = options.notes
    this.describe = options.describe
    this.snapLength = options.snapLength ?? 262144
    this.limit = options.limit ?? 8 << 20
    this.drops = options.drops ?? true
    this.filter = options.filter
    this.programs = options.programs ?? false
    this.followed = new Int32Array(this.programs && this.filter ? FOLLOWED : 0)
    this.queue = new ChunkQueue(() => this.writer.flush())
    this.writer = new PcapngWriter((chunk) => {
      this.emitted += chunk.length
      this.queue.put(chunk)
    }, options.section)
  }

  /** Records a packet as it is now; it stays whose it is.
   *  @param outgoing the device transmits it, else it has received it
   *  @param note a number of the session's notes */
  see(handle: number, device: number, outgoing: boolean, note = NO_NOTE): void {
    if (note !== NO_NOTE && !this.drops) return
    const iface = this.interfaceOf(device)
    if (iface < 0) return
    bigToTime(this.world.now() + this.epoch, this.head)
    this.record(handle, iface, outgoing, this.notes.option(note))
    if (this.queue.waiting) this.writer.flush()
  }

  /** Records a packet with what is said of it. */
  tell(handle: number, device: number, outgoing: boolean, text: string): void {
    const iface = this.interfaceOf(device)
    if (iface < 0) return
    bigToTime(this.world.now() + this.epoch, this.head)
    this.record(handle, iface, outgoing, commentOption(text))
    if (this.queue.waiting) this.writer.flush()
  }

  /** Records all packets of a batch, with one time. */
  seeBatch(batch: PacketBatch, device: number, outgoing: boolean): void {
    const iface = this.interfaceOf(device)
    if (iface < 0) return
    bigToTime(this.world.now() + this.epoch, this.head)
    for (let i = 0; i < batch.count; i++) this.record(batch.handles[i], iface, outgoing, undefined)
    if (this.queue.waiting) this.writer.flush()
  }

  /** The device is gone; another one of that number will be an interface of its own. */
  forget(device: number): void {
    if (device < this.interfaces.length) this.interfaces[device] = UNSEEN
  }

  /** The capture's bytes, until it is closed; each chunk begins and ends at a block. For one reader. */
  read(): AsyncIterable<Uint8Array<ArrayBuffer>> {
    return this.queue
  }

  /** The next chunk now, if there is any. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    return this.queue.take()
  }

  /** Ends the capture with the statistics of its interfaces. What was recorded can still be read. */
  close(): void {
    if (!this.open) return
    this.open = false
    const end = this.world.now() + this.epoch
    for (const [iface, { captured, lost }] of this.counts.entries()) {
      this.writer.statistics(iface, { received: captured + lost, dropped: lost, end })
    }
    this.writer.flush()
    this.queue.close()
  }

  /** Interface of a device, -1 when its packets are not wanted or the capture has ended. */
  private interfaceOf(device: number): number {
    if (!this.open) return -1
    const known = device < this.interfaces.length ? this.interfaces[device] : UNSEEN
    return known > 0 ? known - 1 : this.meet(device, known)
  }

  private meet(device: number, known: number): number {
    if (known === UNWANTED) return -1
    if (device >= this.interfaces.length) {
      const larger = new Int32Array(Math.max(device + 1, this.interfaces.length * 2))
      larger.set(this.interfaces)
      this.interfaces = larger
    }
    const options = this.describe(device)
    if (!options) {
      this.interfaces[device] = UNWANTED
      return -1
    }
    const iface = this.writer.addInterface({ snapLength: this.snapLength, ...options })
    this.counts.push({ captured: 0, lost: 0, lostSince: 0 })
    this.interfaces[device] = iface + 1
    return iface
  }

  private record(handle: number, iface: number, outgoing: boolean, comment: Int32Array | undefined): void {
    const { packets, head, writer } = this
    const { fields } = packets
    const i = handle << PKT_SHIFT
    const state = fields[i + PKT_STATE]
    // A received packet's data begins behind the link-layer header that was taken off; a capture begins with it.
    const data = fields[i + PKT_DATA]
    const mac = fields[i + PKT_MAC]
    const start = !outgoing && mac !== MAC_UNSET && mac < data ? mac : data
    const tag = fields[i + PKT_VLAN]
    const tagLength = tag === 0 ? 0 : VLAN_HLEN
    const linear = fields[i + PKT_LINEAR] + data - start + tagLength
    const all = fields[i + PKT_LENGTH] + data - start + tagLength
    if (this.filter !== undefined && !this.wants(this.filter, i, start, linear, all)) return
    const readable = (state & FLAG_UNREADABLE) !== 0 ? linear : all
    const length = Math.min(readable, this.snapLength)
    const count = this.counts[iface]
    head.iface = iface
    head.originalLength = all
    head.flags = outgoing ? DIRECTION_OUTBOUND : DIRECTION_INBOUND | RECEPTION[state & TYPE_MASK]
    head.packetId = fields[i + PKT_SERIAL] >>> 0
    head.queue = fields[i + PKT_QUEUE] - 1
    head.dropCount = count.lostSince
    head.comment = comment
    const waiting = this.queue.bytes + writer.written - this.emitted
    if (waiting + writer.blockSize(head, length) > this.limit) {
      this.lost++
      count.lost++
      count.lostSince++
      return
    }
    writer.beginPacket(head, length)
    const fromLinear = Math.min(length, linear)
    if (tag !== 0 && fromLinear >= MACS + VLAN_HLEN) this.copyTagged(start, fromLinear, tag)
    else packets.memory.copyOut(writer.views, writer.placeBytes(fromLinear), start, fromLinear, COPY.capture)
    if (length > fromLinear) this.addFragments(fields[i + PKT_FRAGMENTS], length - fromLinear)
    writer.endPacket(head)
    this.captured++
    count.captured++
    count.lostSince = 0
  }

  /** Whether the filter lets a packet through, or has done so before where packets are followed. */
  private wants(filter: PacketFilter, i: number, start: number, linear: number, all: number): boolean {
    const { fields } = this.packets
    const { u8 } = this.packets.memory
    const tag = fields[i + PKT_VLAN]
    const serial = fields[i + PKT_SERIAL]
    const place = serial & (FOLLOWED - 1)
    if (this.programs && this.followed[place] === serial) return true
    const matches =
      tag === 0
        ? filter.matches(u8, start, linear, all)
        : filter.matches(withTag(u8, start, linear, tag), 0, linear, all)
    if (matches && this.programs) this.followed[place] = serial
    return matches
  }

  /** A frame with the tag in it that is beside it. */
  private copyTagged(start: number, length: number, tag: number): void {
    const { packets, writer } = this
    packets.memory.copyOut(writer.views, writer.placeBytes(MACS), start, MACS, COPY.capture)
    const at = writer.placeBytes(VLAN_HLEN)
    for (let byte = 0; byte < VLAN_HLEN; byte++) writer.views.u8[at + byte] = tag >>> (24 - 8 * byte)
    const rest = length - MACS - VLAN_HLEN
    packets.memory.copyOut(writer.views, writer.placeBytes(rest), start + MACS, rest, COPY.capture)
  }

  private addFragments(list: number, length: number): void {
    const { fragments, memory } = this.packets
    let left = length
    for (let fragment = list; left > 0; fragment = fragments.next(fragment)) {
      const bytes = Math.min(left, fragments.length(fragment))
      const at = this.writer.placeBytes(bytes)
      memory.copyOut(this.writer.views, at, fragments.offset(fragment), bytes, COPY.capture)
      left -= bytes
    }
  }
}

/** The beginning of a frame with the tag in it that is beside it: what filters look at. `linear`: bytes with the tag. */
function withTag(u8: Uint8Array, start: number, linear: number, tag: number): Uint8Array {
  const frame = new Uint8Array(linear)
  frame.set(u8.subarray(start, start + MACS))
  new DataView(frame.buffer).setUint32(MACS, tag)
  frame.set(u8.subarray(start + MACS, start + linear - VLAN_HLEN), MACS + VLAN_HLEN)
  return frame
}
