import { ETHTOOL_FLAGS, errno, NEWEST_RELEASE, STRING_SETS, TSINFO, type Writer } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { byRelease } from '../../release/builds.ts'
import type { Release } from '../../release/release.ts'
import { type GenlCall, type Handlers, missing, reply } from '../call.ts'
import { findNested } from '../nested.ts'
import { DeviceDump } from '../record-dump.ts'
import { writeBitset } from './bitset.ts'
import { readDeviceHeader, readHeader, wantsCompact, writeHeader } from './header.ts'
import { query } from './query.ts'
import { sharedStrings } from './strings.ts'

const T = TSINFO.ids
const NAMES = byRelease((release) => sharedStrings[release].get(STRING_SETS['sof-timestamping']) ?? [])
const bit = (name: string): bigint => 1n << BigInt(NAMES[NEWEST_RELEASE].indexOf(name))

/** What the kernel stamps for every device, and what it needs the help of a driver for. */
const RECEIVING = bit('software-receive') | bit('software-system-clock')
const SENDING = bit('software-transmit')

function writeTsinfo(w: Writer, dev: Device, release: Release, flags: number): void {
  const stamps = RECEIVING | (dev.driver.ethtool?.timestamps === 'sending' ? SENDING : 0n)
  writeBitset(w, T.timestamping, stamps, undefined, NAMES[release.name], wantsCompact(flags))
  if ((flags & ETHTOOL_FLAGS.stats) !== 0) w.end(w.beginNest(T.stats))
}

function writeWithHeader(w: Writer, dev: Device, { kernel }: GenlCall, flags: number): void {
  writeHeader(w, dev)
  writeTsinfo(w, dev, kernel.release, flags)
}

/** Older releases dump it as they dump any setting. */
const asAnySetting = query(
  (dev, flags, { kernel }) =>
    (w) =>
      writeTsinfo(w, dev, kernel.release, flags),
)

/** A clock that is asked for by its number: no device here has one. */
function checkClock({ req, attrs }: GenlCall): number {
  const nest = attrs[T.hwtstampProvider]
  if (nest === 0) return 0
  const found = findNested(req, nest, 2)
  for (const id of [1, 2]) if (found[id] === 0) return missing(req, id, nest)
  return -errno.ENODEV
}

/** What can be stamped with the time: by the kernel, as there is no hardware for it. */
export const getTsinfo: Handlers = {
  do(call) {
    const header = readDeviceHeader(call)
    if (typeof header === 'number') return header
    const error = checkClock(call)
    return error !== 0 ? error : reply(call, (w) => writeWithHeader(w, header.dev, call, header.flags))
  },
  dump(call) {
    if (!call.kernel.release.does.dumpsTimestampers) return asAnySetting.dump?.(call) ?? -errno.EOPNOTSUPP
    const header = readHeader(call, false)
    if (typeof header === 'number') return header
    const records = (dev: Device) =>
      dev.driver.ethtool?.timestamps ? [(w: Writer) => writeWithHeader(w, dev, call, header.flags)] : []
    return call.req.socket.startDump(new DeviceDump(call, header.dev?.ifindex, records))
  },
}
