import { LINK, type Writer } from '@netkit/netlink'
import type { DeviceCounters } from '../../net/counters.ts'
import type { Device } from '../../net/device.ts'

const FIELDS64 = 25
const FIELDS32 = 24

/** Our counters in the order of struct rtnl_link_stats64, by position; what is not here is always 0. */
const POSITION: readonly (readonly [number, keyof DeviceCounters])[] = [
  [0, 'rxPackets'],
  [1, 'txPackets'],
  [2, 'rxBytes'],
  [3, 'txBytes'],
  [4, 'rxErrors'],
  [5, 'txErrors'],
  [6, 'rxDropped'],
  [7, 'txDropped'],
  [8, 'multicast'],
  [15, 'rxMissed'],
  [23, 'rxNohandler'],
  [24, 'rxOtherhostDropped'],
]

/** Writes IFLA_STATS64 and IFLA_STATS. */
export function writeStats(w: Writer, dev: Device): void {
  const { counters } = dev
  const wide = w.begin(LINK.ids.stats64)
  const at64 = w.reserve(8 * FIELDS64)
  w.bytes.fill(0, at64, w.length)
  w.end(wide)
  const narrow = w.begin(LINK.ids.stats)
  const at32 = w.reserve(4 * FIELDS32)
  w.bytes.fill(0, at32, w.length)
  w.end(narrow)
  const { view } = w
  for (const [position, key] of POSITION) {
    const n = counters[key]
    if (n === 0) continue
    view.setUint32(at64 + 8 * position, n >>> 0, true)
    view.setUint32(at64 + 8 * position + 4, Math.floor(n / 0x1_0000_0000), true)
    if (position < FIELDS32) view.setUint32(at32 + 4 * position, n >>> 0, true)
  }
}
