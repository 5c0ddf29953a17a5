import type { PacketBatch } from '../packet/batch.ts'
import { DROP } from '../packet/drop-reason.ts'
import { PKT_DATA, PKT_LENGTH, PKT_SHIFT } from '../packet/fields.ts'
import { leaveOnWire } from './leave-on-wire.ts'
import type { Wire, WireFrame, WirePort } from './wire.ts'

/** Frames on their way in one direction, at most. */
export const CABLE_FRAMES = 1024

/** Two NICs of one kernel back to back: the ends of a cable. Packets cross without a copy. The link of an end is up while a NIC
 *  is plugged into the other end and open. */
export const cable = (capacity = CABLE_FRAMES): readonly [Wire, Wire] => {
  const a = new CableEnd(capacity)
  const b = new CableEnd(capacity)
  a.other = b
  b.other = a
  return [a, b]
}

class CableEnd implements Wire {
  other: CableEnd | undefined
  private port: WirePort | undefined
  private enabled = false
  /** Packets on their way to this end: a ring. */
  private readonly ring: Int32Array
  private head = 0
  private count = 0

  constructor(capacity: number) {
    this.ring = new Int32Array(capacity)
  }

  attach(port: WirePort): void {
    if (this.port) throw new Error('the wire is plugged in already')
    const far = this.other?.port
    if (far && far.packets !== port.packets) throw new Error('a cable joins two NICs of one kernel')
    this.port = port
    port.carrier(this.other?.enabled === true)
  }

  detach(): void {
    const port = this.port
    if (!port) return
    this.enable(false)
    this.port = undefined
    port.carrier(false)
    this.other?.port?.unplugged()
  }

  enable(on: boolean): void {
    if (!this.port || on === this.enabled) return
    this.enabled = on
    if (!on) this.dropAll(this.port)
    this.other?.port?.carrier(on)
  }

  next(frame: WireFrame): boolean {
    const port = this.port
    if (this.count === 0 || !port) return false
    const handle = this.ring[this.head]
    this.head = this.head + 1 === this.ring.length ? 0 : this.head + 1
    this.count--
    const fields = port.packets.fields
    const i = handle << PKT_SHIFT
    frame.handle = handle
    frame.bytes = port.packets.memory
    frame.offset = fields[i + PKT_DATA]
    frame.length = fields[i + PKT_LENGTH]
    frame.originalLength = frame.length
    frame.tsHi = 0
    frame.tsLo = 0
    return true
  }

  transmit(batch: PacketBatch): void {
    const port = this.port
    if (!port) throw new Error('the wire is not plugged in')
    for (let i = 0; i < batch.count; i++) this.send(port, batch.handles[i])
    batch.clear()
    const far = this.other
    if (far && far.count > 0) far.port?.ready()
  }

  private send(port: WirePort, handle: number): void {
    const far = this.other
    if (!far?.enabled) port.packets.drop(handle, DROP.NO_WIRE)
    else if (far.count === far.ring.length) port.packets.drop(handle, DROP.WIRE_FULL)
    else if (!leaveOnWire(port.packets, handle)) port.packets.drop(handle, DROP.UNREADABLE)
    else {
      const tail = far.head + far.count
      far.ring[tail >= far.ring.length ? tail - far.ring.length : tail] = handle
      far.count++
    }
  }

  private dropAll(port: WirePort): void {
    for (; this.count > 0; this.count--) {
      port.packets.drop(this.ring[this.head], DROP.DEVICE_GONE)
      this.head = this.head + 1 === this.ring.length ? 0 : this.head + 1
    }
  }
}
