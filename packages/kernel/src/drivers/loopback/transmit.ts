import type { Device } from '../../net/device.ts'
import { receiveFrame } from '../../net/ethernet.ts'
import type { PacketPath } from '../../net/path.ts'
import type { PacketBatch } from '../../packet/batch.ts'
import * as layout from '../../packet/fields.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_LENGTH, PKT_SHIFT, PKT_STATE, PKT_TSTAMP_HI, PKT_TSTAMP_LO, TYPE_MASK } = layout

/** What is sent comes back, addressed to this host whatever its header says. */
export function transmitLoopback(path: PacketPath, dev: Device, batch: PacketBatch): void {
  const { handles, count } = batch
  const { packets } = path
  let sent = 0
  let bytes = 0
  for (let n = 0; n < count; n++) {
    const handle = handles[n]
    const { fields } = packets.table
    const i = handle << PKT_SHIFT
    const length = fields[i + PKT_LENGTH]
    fields[i + PKT_TSTAMP_LO] = 0
    fields[i + PKT_TSTAMP_HI] = 0
    receiveFrame(packets, handle, dev)
    fields[i + PKT_STATE] &= ~TYPE_MASK
    if (path.enqueue(dev, handle)) {
      sent++
      bytes += length
    }
  }
  const { counters } = dev
  counters.txPackets += sent
  counters.txBytes += bytes
  counters.rxPackets += sent
  counters.rxBytes += bytes
  batch.clear()
}
