import type { PacketBatch } from '../packet/batch.ts'
import { completeChecksum } from '../packet/checksum.ts'
import { DROP } from '../packet/drop-reason.ts'
import { makeLinear } from '../packet/edit.ts'
import * as layout from '../packet/fields.ts'
import { Segmenter } from '../packet/segment.ts'
import { insertTag } from '../packet/vlan.ts'
import type { Device } from './device.ts'
import type { PacketPath } from './path.ts'
import { TX_CHECKSUM, TX_FRAGMENTS, TX_SVLAN, TX_VLAN } from './tx-offloads.ts'

// Engines fold constants of the own module, not imported ones.
const {
  CSUM_MASK,
  CSUM_PARTIAL,
  GSO_DODGY,
  PKT_FRAGMENTS,
  PKT_GSO,
  PKT_GSO_TYPE,
  PKT_LENGTH,
  PKT_SHIFT,
  PKT_STATE,
  PKT_VLAN,
} = layout
const ETH_P_8021Q = 0x8100
const GSO_SIZE = 0xffff

const segmenter = new Segmenter()
/** The packets of a batch while it is prepared. Nobody else is called meanwhile. */
let work = new Int32Array(64)

/**
 * Does for a batch what its device does not do itself: tags in the frame, segments, fragments brought together, checksums. The batch
 * may get longer. What cannot be done drops the packet. Source: spec 02 §1.2, step 7.
 */
export function prepareTransmit(path: PacketPath, dev: Device, batch: PacketBatch, offloads: number): void {
  const { count } = batch
  if (!needsWork(path, dev, batch, offloads)) return
  if (work.length < count) work = new Int32Array(count)
  for (let n = 0; n < count; n++) work[n] = batch.handles[n]
  batch.clear()
  for (let n = 0; n < count; n++) {
    const handle = work[n]
    if (!tag(path, handle, offloads)) fail(path, dev, handle, DROP.NOMEM)
    else if (!mustCut(path, dev, handle, offloads)) add(path, dev, handle, batch, offloads)
    else {
      const segments = segmenter.begin(path.packets, handle)
      batch.reserve(batch.count + segments + count - n)
      cut(path, dev, handle, batch, offloads, segments)
    }
  }
}

/** Whether there is anything to do: almost never. */
function needsWork(path: PacketPath, dev: Device, batch: PacketBatch, offloads: number): boolean {
  const { fields } = path.packets.table
  const { handles, count } = batch
  for (let n = 0; n < count; n++) {
    const i = handles[n] << PKT_SHIFT
    if ((offloads & TX_CHECKSUM) === 0 && (fields[i + PKT_STATE] & CSUM_MASK) === CSUM_PARTIAL) return true
    if ((offloads & TX_FRAGMENTS) === 0 && fields[i + PKT_FRAGMENTS] !== 0) return true
    if (fields[i + PKT_VLAN] !== 0 && (offloads & tagBit(fields[i + PKT_VLAN])) === 0) return true
    if (fields[i + PKT_GSO] !== 0 && mustCut(path, dev, handles[n], offloads)) return true
  }
  return false
}

const tagBit = (vlan: number): number => (vlan >>> 16 === ETH_P_8021Q ? TX_VLAN : TX_SVLAN)

function tag({ packets }: PacketPath, handle: number, offloads: number): boolean {
  const vlan = packets.table.fields[(handle << PKT_SHIFT) + PKT_VLAN]
  return vlan === 0 || (offloads & tagBit(vlan)) !== 0 || insertTag(packets, handle)
}

/** Whether the device does not cut this packet. */
function mustCut({ packets }: PacketPath, dev: Device, handle: number, offloads: number): boolean {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  const gso = fields[i + PKT_GSO]
  if ((gso & GSO_SIZE) === 0) return false
  const type = fields[i + PKT_GSO_TYPE] & ~GSO_DODGY
  return (type & ~offloads) !== 0 || fields[i + PKT_LENGTH] >= dev.gsoMaxSize || gso >>> 16 > dev.gsoMaxSegs
}

function cut(
  path: PacketPath,
  dev: Device,
  handle: number,
  batch: PacketBatch,
  offloads: number,
  segments: number,
): void {
  const { packets } = path
  if (segments === 0) {
    fail(path, dev, handle, DROP.SKB_GSO_SEG)
    return
  }
  for (let n = 0; n < segments; n++) {
    const segment = segmenter.next(packets)
    if (segment < 0) {
      fail(path, dev, handle, DROP.NOMEM)
      return
    }
    add(path, dev, segment, batch, offloads)
  }
  packets.free(handle)
}

/** A packet that is not cut any more. */
function add(path: PacketPath, dev: Device, handle: number, batch: PacketBatch, offloads: number): void {
  const { packets } = path
  const i = handle << PKT_SHIFT
  const { fields } = packets.table
  if (
    (offloads & TX_FRAGMENTS) === 0 &&
    fields[i + PKT_FRAGMENTS] !== 0 &&
    !makeLinear(packets, handle, fields[i + PKT_LENGTH])
  ) {
    fail(path, dev, handle, DROP.NOT_SPECIFIED)
    return
  }
  if ((offloads & TX_CHECKSUM) === 0 && !completeChecksum(packets, handle)) {
    fail(path, dev, handle, DROP.UNREADABLE)
    return
  }
  batch.push(handle)
}

function fail(path: PacketPath, dev: Device, handle: number, reason: number): void {
  dev.counters.txDropped++
  path.drop(dev, handle, reason)
}
