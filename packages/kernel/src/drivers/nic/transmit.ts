import type { Device } from '../../net/device.ts'
import type { PacketPath } from '../../net/path.ts'
import { prepareTransmit } from '../../net/prepare-transmit.ts'
import { TX_FRAGMENTS } from '../../net/tx-offloads.ts'
import type { PacketBatch } from '../../packet/batch.ts'
import { DROP } from '../../packet/drop-reason.ts'
import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import { type NicState, nicState } from './state.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_DATA, PKT_HASH, PKT_LENGTH, PKT_LINEAR, PKT_QUEUE, PKT_SHIFT } = layout

/** Sends packets onto the wire, each through the queue that its receive queue or its flow belongs to. */
export function transmitNic(path: PacketPath, dev: Device, batch: PacketBatch): void {
  const state = nicState(dev)
  const { packets } = path
  if (!state.port) {
    dev.counters.txDropped += batch.count
    for (let n = 0; n < batch.count; n++) path.drop(dev, batch.handles[n], DROP.NO_WIRE)
    batch.clear()
    return
  }
  // The hardware's part: what crosses a wire is frames, with checksums.
  prepareTransmit(path, dev, batch, TX_FRAGMENTS)
  const { handles, count } = batch
  let bytes = 0
  for (let n = 0; n < count; n++) {
    const handle = handles[n]
    const i = handle << PKT_SHIFT
    const length = packets.table.fields[i + PKT_LENGTH]
    const traffic = state.txTraffic[queueOf(packets, dev, state, handle)]
    traffic.packets++
    traffic.bytes += length
    bytes += length
  }
  dev.counters.txPackets += count
  dev.counters.txBytes += bytes
  state.port.wire.transmit(batch)
}

function queueOf(packets: Packets, dev: Device, state: NicState, handle: number): number {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  if (fields[i + PKT_QUEUE] !== 0) return (fields[i + PKT_QUEUE] - 1) % dev.realTxQueues
  let hash = fields[i + PKT_HASH]
  if (hash === 0) {
    state.selector.select(packets.memory.u8, fields[i + PKT_DATA], fields[i + PKT_LINEAR])
    hash = state.selector.hash
    fields[i + PKT_HASH] = hash
  }
  // Scales the hash to the number of queues, evenly.
  return Math.floor(((hash >>> 0) * dev.realTxQueues) / 0x1_0000_0000)
}
