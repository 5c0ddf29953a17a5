import type { TapDevice } from '@netkit/netlink'
import type { PacketBatch } from '../packet/batch.ts'
import { byteViews } from '../packet/copy.ts'
import { COPY } from '../packet/copy-reason.ts'
import { DROP } from '../packet/drop-reason.ts'
import { PKT_DATA, PKT_LENGTH, PKT_SHIFT } from '../packet/fields.ts'
import { gatherFrame } from '../packet/gather.ts'
import type { Packets } from '../packet/packets.ts'
import type { WireFrame, WireSink, WireSource } from './wire.ts'

/** Frames come from a TAP interface of the machine. */
export class TapSource implements WireSource {
  readonly #tap: TapDevice
  readonly #bytes
  #open = false

  constructor(tap: TapDevice) {
    this.#tap = tap
    this.#bytes = byteViews(tap.received)
  }

  open(ready: () => void): void {
    this.#open = true
    this.#tap.open(ready)
  }

  next(frame: WireFrame): boolean {
    if (!this.#open) return false
    const length = this.#tap.receive()
    if (length === 0) return false
    frame.handle = -1
    frame.bytes = this.#bytes
    frame.offset = this.#tap.received.byteOffset + this.#tap.offset
    frame.length = length
    frame.originalLength = length
    frame.tsHi = 0
    frame.tsLo = 0
    return true
  }

  /** The sink uses the same interface and is closed along with this. */
  close(): void {
    this.#open = false
    this.#tap.close()
  }
}

/** Frames go to a TAP interface of the machine, which takes them out of packet memory itself. */
export class TapSink implements WireSink {
  readonly #tap: TapDevice

  constructor(tap: TapDevice) {
    this.#tap = tap
  }

  transmit(packets: Packets, batch: PacketBatch): void {
    const { memory } = packets
    for (let i = 0; i < batch.count; i++) {
      const handle = gatherFrame(packets, batch.handles[i])
      if (handle < 0) {
        packets.drop(batch.handles[i], DROP.NOMEM)
        continue
      }
      const at = handle << PKT_SHIFT
      const length = packets.fields[at + PKT_LENGTH]
      if (this.#tap.send(memory.u8.buffer, packets.fields[at + PKT_DATA], length)) {
        memory.copies.count(COPY.wireOut, length)
        packets.free(handle)
      } else packets.drop(handle, DROP.WIRE_FULL)
    }
  }

  close(): void {
    // The source closes the interface.
  }
}
