import { TCP_DATA_SPLIT } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { ETH_HLEN, receiveFrame as parseEthernet } from '../../net/ethernet.ts'
import type { PacketPath } from '../../net/path.ts'
import type { RxLosses } from '../../net/queue-stats.ts'
import { PacketBatch } from '../../packet/batch.ts'
import { COPY } from '../../packet/copy-reason.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeOwn } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import * as keys from '../../packet/flow-key.ts'
import { SegmentMerger } from '../../packet/merge-segments.ts'
import type { Wire, WireFrame } from '../../wire/wire.ts'
import { flushXdp, passesXdp, runsXdp } from './frames.ts'
import { NO_BUFFER, placeInBufs, placeSplit, placeWhole, RING_EMPTY } from './place.ts'
import { placeInPool } from './place-in-pool.ts'
import { type NicState, nicState } from './state.ts'

const {
  CSUM_UNNECESSARY,
  FLAG_DAMAGED,
  FLAG_HASH_L4,
  PKT_HASH,
  PKT_LINEAR,
  PKT_QUEUE,
  PKT_SHIFT,
  PKT_STATE,
  TYPE_MASK,
  TYPE_MULTICAST,
} = layout

const { KEY_END, KEY_FLAGS, KEY_PAYLOAD, KEY_PROTOCOL, PROTOCOL_TCP, PROTOCOL_UDP } = keys
const { enabled: SPLIT } = TCP_DATA_SPLIT
const VLAN_HLEN = 4
const HEADROOM = 256
const BATCH = 64
/** Packets on their way up. Frames are received one batch after the other, never one inside another. */
const arrived = new PacketBatch(BATCH)
const merger = new SegmentMerger()

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
    merger.finish(path.packets)
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
  const queue = state.selector.select(frame.bytes.u8, frame.offset, contiguous(path, frame))
  if (queue < 0) {
    lose(path, dev, frame, DROP.FLOW_RULE)
    return
  }
  const { packets } = path
  const xdp = dev.xdp?.driver
  const pool = xdp === undefined ? undefined : state.xskPools[queue]
  const handle = pool === undefined ? place(path, state, frame, queue) : placeInPool(packets, pool, frame)
  if (handle < 0) {
    dev.counters.rxMissed++
    countLoss(state.rxLosses[queue], handle)
    lose(path, dev, frame, DROP.RX_ALLOC)
    return
  }
  const traffic = state.rxTraffic[queue]
  traffic.packets++
  traffic.bytes += length
  dev.counters.rxPackets++
  dev.counters.rxBytes += length
  if (xdp !== undefined) {
    const isNew = pool !== undefined && length <= pool.frameSize
    const isPassed = isNew
      ? runsXdp(path, dev, xdp.program, handle, queue)
      : passesXdp(path, dev, xdp.program, handle, queue)
    if (!isPassed) return
  }
  if (pool !== undefined && !makeOwn(packets, handle, HEADROOM, COPY.umem)) {
    path.drop(dev, handle, DROP.RX_ALLOC)
    return
  }
  parseEthernet(packets, handle, dev)
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  fields[i + PKT_QUEUE] = queue + 1
  fields[i + PKT_HASH] = state.selector.hash
  if ((fields[i + PKT_STATE] & FLAG_DAMAGED) === 0) fields[i + PKT_STATE] |= CSUM_UNNECESSARY
  if (state.selector.hashCoversPorts) fields[i + PKT_STATE] |= FLAG_HASH_L4
  if ((fields[i + PKT_STATE] & TYPE_MASK) === TYPE_MULTICAST) dev.counters.multicast++
  const isTcp = state.selector.flow[KEY_PROTOCOL] === PROTOCOL_TCP
  if (isTcp && dev.mergesSegments === true && merges(path, dev, handle)) return
  arrived.push(handle)
}

/** Whether a segment has become a part of an earlier one. */
function merges({ packets }: PacketPath, dev: Device, handle: number): boolean {
  if ((packets.table.fields[(handle << PKT_SHIFT) + PKT_STATE] & FLAG_DAMAGED) !== 0) return false
  return merger.merge(packets, handle, dev.groIpv4MaxSize, dev.groMaxSize)
}

/** Bytes of a frame that lie one after the other: of a packet with fragments those before them. */
const contiguous = (path: PacketPath, { handle, length }: WireFrame): number =>
  handle < 0 ? length : path.packets.table.fields[(handle << PKT_SHIFT) + PKT_LINEAR]

/** Writes a frame into the memory of its queue. The packet, or why there is none. */
function place({ packets }: PacketPath, state: NicState, frame: WireFrame, queue: number): number {
  const memory = state.rx[queue]
  if (memory === undefined) return NO_BUFFER
  const { flow } = state.selector
  if (memory.heads !== undefined) return placeInBufs(packets, memory, frame, headersOf(flow))
  const { tcpDataSplit, hdsThresh } = state.rings
  if (tcpDataSplit !== SPLIT || flow[KEY_PROTOCOL] !== PROTOCOL_TCP || frame.length <= hdsThresh) {
    return placeWhole(packets, memory.pool, frame)
  }
  return placeSplit(packets, memory.pool, frame, headersOf(flow))
}

/** Bytes of a frame before its payload; 0 if it has none, or none that can be told apart: of fragments, and of other protocols. */
function headersOf(flow: Int32Array): number {
  const protocol = flow[KEY_PROTOCOL]
  if ((protocol !== PROTOCOL_TCP && protocol !== PROTOCOL_UDP) || flow[KEY_FLAGS] !== 0) return 0
  return flow[KEY_PAYLOAD] < flow[KEY_END] ? flow[KEY_PAYLOAD] : 0
}

function countLoss(losses: RxLosses, why: number): void {
  if (why === NO_BUFFER) losses.allocFail++
  else losses.hwDrops++
  if (why === RING_EMPTY) losses.hwDropOverruns++
}

/** A frame that never becomes a packet of this NIC. */
function lose(path: PacketPath, dev: Device, frame: WireFrame, reason: number): void {
  if (frame.handle >= 0) path.drop(dev, frame.handle, reason)
  else path.packets.drops.count(reason)
}
