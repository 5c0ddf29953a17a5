import type { Device } from '../../net/device.ts'
import { ETH_HLEN, receiveFrame as parseEthernet } from '../../net/ethernet.ts'
import type { PacketPath } from '../../net/path.ts'
import { PacketBatch } from '../../packet/batch.ts'
import { DROP } from '../../packet/drop-reason.ts'
import * as layout from '../../packet/fields.ts'
import { receiveFrame } from '../../wire/receive-frame.ts'
import type { Wire, WireFrame } from '../../wire/wire.ts'
import { flushXdp, passesXdp } from './frames.ts'
import { type NicState, nicState } from './state.ts'

const {
  CSUM_UNNECESSARY,
  FLAG_DAMAGED,
  FLAG_HASH_L4,
  PKT_HASH,
  PKT_QUEUE,
  PKT_SHIFT,
  PKT_STATE,
  TYPE_MASK,
  TYPE_MULTICAST,
} = layout

const VLAN_HLEN = 4
const HEADROOM = 256
const BATCH = 64
/** Packets on their way up. Frames are received one batch after the other, never one inside another. */
const arrived = new PacketBatch(BATCH)

/** Fetches up to `budget` frames from the wire. Each goes to the queue that a rule or the hash says. True: there may be more. */
export function receiveFrames(
  path: PacketPath,
  dev: Device,
  end: { wire: Wire; frame: WireFrame },
  budget: number,
): boolean {
  const state = nicState(dev)
  const { wire, frame } = end
  let left = budget
  let more = true
  while (left > 0 && more) {
    let room = Math.min(left, BATCH)
    while (room > 0) {
      more = wire.next(frame)
      if (!more) break
      room--
      left--
      receiveOne(path, dev, state, frame)
    }
    if (arrived.count > 0) path.receive(dev, arrived)
  }
  if (dev.xdp?.driver !== undefined) flushXdp(path, dev)
  return more
}

function receiveOne(path: PacketPath, dev: Device, state: NicState, frame: WireFrame): void {
  const { length } = frame
  if (length < ETH_HLEN || length > dev.mtu + ETH_HLEN + VLAN_HLEN) {
    dev.counters.rxErrors++
    lose(path, dev, frame, length < ETH_HLEN ? DROP.PKT_TOO_SMALL : DROP.PKT_TOO_BIG)
    return
  }
  const queue = state.selector.select(frame.bytes.u8, frame.offset, length)
  if (queue < 0) {
    lose(path, dev, frame, DROP.FLOW_RULE)
    return
  }
  const { packets } = path
  const handle = receiveFrame(packets, frame, HEADROOM)
  if (handle < 0) {
    dev.counters.rxMissed++
    packets.drops.count(DROP.RX_ALLOC)
    return
  }
  const traffic = state.rxTraffic[queue]
  traffic.packets++
  traffic.bytes += length
  dev.counters.rxPackets++
  dev.counters.rxBytes += length
  const xdp = dev.xdp?.driver
  if (xdp !== undefined && !passesXdp(path, dev, xdp.program, handle, queue)) return
  parseEthernet(packets, handle, dev)
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  fields[i + PKT_QUEUE] = queue + 1
  fields[i + PKT_HASH] = state.selector.hash
  if ((fields[i + PKT_STATE] & FLAG_DAMAGED) === 0) fields[i + PKT_STATE] |= CSUM_UNNECESSARY
  if (state.selector.hashCoversPorts) fields[i + PKT_STATE] |= FLAG_HASH_L4
  if ((fields[i + PKT_STATE] & TYPE_MASK) === TYPE_MULTICAST) dev.counters.multicast++
  arrived.push(handle)
}

/** A frame that never becomes a packet of this NIC. */
function lose(path: PacketPath, dev: Device, frame: WireFrame, reason: number): void {
  if (frame.handle >= 0) path.drop(dev, frame.handle, reason)
  else path.packets.drops.count(reason)
}
