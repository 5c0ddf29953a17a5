import { LINK, Writer } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'

const FIELDS64 = 25
const FIELDS32 = 24

/** Both attributes of a device that has counted nothing. */
const ZEROS = new Writer(4 + 8 * FIELDS64 + 4 + 4 * FIELDS32)
  .attrBytes(LINK.ids.stats64, new Uint8Array(8 * FIELDS64))
  .attrBytes(LINK.ids.stats, new Uint8Array(4 * FIELDS32))
  .take()

/** Writes the counter at a position of struct rtnl_link_stats64, and its low half into the older structure. */
function put(view: DataView, at64: number, position: number, n: number): void {
  if (n === 0) return
  view.setUint32(at64 + 8 * position, n >>> 0, true)
  view.setUint32(at64 + 8 * position + 4, Math.floor(n / 0x1_0000_0000), true)
  if (position < FIELDS32) view.setUint32(at64 + 8 * FIELDS64 + 4 + 4 * position, n >>> 0, true)
}

/** Writes IFLA_STATS64 and IFLA_STATS. What is not here is always 0. */
export function writeStats(w: Writer, dev: Device): void {
  const { counters } = dev
  const at = w.length + 4
  w.raw(ZEROS)
  const { view } = w
  put(view, at, 0, counters.rxPackets)
  put(view, at, 1, counters.txPackets)
  put(view, at, 2, counters.rxBytes)
  put(view, at, 3, counters.txBytes)
  put(view, at, 4, counters.rxErrors)
  put(view, at, 5, counters.txErrors)
  put(view, at, 6, counters.rxDropped)
  put(view, at, 7, counters.txDropped)
  put(view, at, 8, counters.multicast)
  put(view, at, 15, counters.rxMissed)
  put(view, at, 23, counters.rxNohandler)
  put(view, at, 24, counters.rxOtherhostDropped)
}
