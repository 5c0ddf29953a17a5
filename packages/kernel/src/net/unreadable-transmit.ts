import type { PacketBatch } from '../packet/batch.ts'
import { DROP } from '../packet/drop-reason.ts'
import * as layout from '../packet/fields.ts'
import type { Packets } from '../packet/packets.ts'
import type { Device } from './device.ts'
import type { PacketPath } from './path.ts'

const { FLAG_UNREADABLE, PKT_FRAGMENTS, PKT_SHIFT, PKT_STATE } = layout

/**
 * Drops what a device cannot send of packets whose fragments cannot be read: all of them, unless it fetches them itself and they
 * are not bound to another device. Source: spec 03 §2.9.
 */
export function dropUnreadable(path: PacketPath, dev: Device, batch: PacketBatch): void {
  const { handles, count } = batch
  const { packets } = path
  let kept = 0
  for (let n = 0; n < count; n++) {
    const handle = handles[n]
    const unreadable = (packets.table.fields[(handle << PKT_SHIFT) + PKT_STATE] & FLAG_UNREADABLE) !== 0
    if (!unreadable || (dev.driver.netmemTx === 'dma' && mayFetch(packets, dev, handle))) handles[kept++] = handle
    else {
      dev.counters.txDropped++
      path.drop(dev, handle, DROP.UNREADABLE)
    }
  }
  batch.count = kept
}

/** The first fragment decides. */
function mayFetch({ table, fragments, bufs }: Packets, dev: Device, handle: number): boolean {
  const fragment = table.fields[(handle << PKT_SHIFT) + PKT_FRAGMENTS]
  if (fragments.owner(fragment) !== bufs.fragmentOwner) return true
  const only = bufs.area(fragments.cookie(fragment))?.owner.onlyFor
  return only === undefined || only === dev
}
