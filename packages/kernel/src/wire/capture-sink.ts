import type { PacketBatch } from '../packet/batch.ts'
import { COPY } from '../packet/copy-reason.ts'
import { DROP } from '../packet/drop-reason.ts'
import { PKT_DATA, PKT_LENGTH, PKT_SHIFT } from '../packet/fields.ts'
import { gatherFrame } from '../packet/gather.ts'
import type { Packets } from '../packet/packets.ts'
import type { EmitBytes } from './pcap/chunk-writer.ts'
import { DIRECTION_OUTBOUND } from './pcap/options.ts'
import { PcapWriter } from './pcap/pcap-writer.ts'
import { PacketHead, PcapngWriter, type SectionOptions } from './pcap/pcapng-writer.ts'
import { bigToTime } from './pcap/timestamp.ts'
import type { WireSink, WireWorld } from './wire.ts'

export interface CaptureSinkOptions {
  /** Takes the capture's bytes, some 64 KiB at a time; the rest at {@link CaptureSink.flush} and at the end. */
  emit: EmitBytes
  /** Gives each batch its time. */
  world: WireWorld
  /** Default: pcapng. */
  format?: 'pcapng' | 'pcap'
  /** Nanoseconds since 1970 of the world's moment 0, default 0. */
  epoch?: bigint
  /** Name of the one interface of a pcapng file, default `wire`. */
  name?: string
  section?: SectionOptions
}

/** Records what a NIC transmits. */
export class CaptureSink implements WireSink {
  /** Frames and bytes recorded. */
  frames = 0
  bytes = 0
  private readonly world: WireWorld
  private readonly epoch: bigint
  private readonly writer: PcapngWriter | PcapWriter
  private readonly head = new PacketHead()

  constructor(options: CaptureSinkOptions) {
    const { emit, world, format = 'pcapng', epoch = 0n, name = 'wire', section } = options
    this.world = world
    this.epoch = epoch
    this.head.flags = DIRECTION_OUTBOUND
    if (format === 'pcap') this.writer = new PcapWriter(emit)
    else {
      this.writer = new PcapngWriter(emit, section)
      this.head.iface = this.writer.addInterface({ name })
    }
  }

  transmit(packets: Packets, batch: PacketBatch): void {
    bigToTime(this.world.now() + this.epoch, this.head)
    for (let i = 0; i < batch.count; i++) {
      const handle = gatherFrame(packets, batch.handles[i])
      if (handle < 0) {
        packets.drop(batch.handles[i], DROP.NOMEM)
        continue
      }
      this.record(packets, handle)
      packets.free(handle)
    }
  }

  private record(packets: Packets, handle: number): void {
    const i = handle << PKT_SHIFT
    const length = packets.fields[i + PKT_LENGTH]
    const { memory } = packets
    const data = packets.fields[i + PKT_DATA]
    const { head, writer } = this
    head.originalLength = length
    if (writer instanceof PcapngWriter) {
      writer.beginPacket(head, length)
      memory.copyOut(writer.views, writer.placeBytes(length), data, length, COPY.wireOut)
      writer.endPacket(head)
    } else {
      writer.packet(head, memory, data, length, length)
      memory.copies.count(COPY.wireOut, length)
    }
    this.frames++
    this.bytes += length
  }

  /** Hands out what has been recorded so far. */
  flush(): void {
    this.writer.flush()
  }

  close(): void {
    this.flush()
  }
}
