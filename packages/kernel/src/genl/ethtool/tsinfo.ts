import { ETHTOOL_FLAGS, errno, STRING_SETS, TSINFO, type Writer } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { type GenlCall, type Handlers, missing, reply } from '../call.ts'
import { findNested } from '../nested.ts'
import { DeviceDump } from '../record-dump.ts'
import { writeBitset } from './bitset.ts'
import { readDeviceHeader, readHeader, wantsCompact, writeHeader } from './header.ts'
import { SHARED_STRINGS } from './strings.ts'

const T = TSINFO.ids
const NAMES = SHARED_STRINGS.get(STRING_SETS['sof-timestamping']) ?? []
const bit = (name: string): bigint => 1n << BigInt(NAMES.indexOf(name))

/** What the kernel stamps for every device, and what it needs the help of a driver for. */
const RECEIVING = bit('software-receive') | bit('software-system-clock')
const SENDING = bit('software-transmit')

function writeTsinfo(w: Writer, dev: Device, flags: number): void {
  writeHeader(w, dev)
  const stamps = RECEIVING | (dev.driver.ethtool?.timestamps === 'sending' ? SENDING : 0n)
  writeBitset(w, T.timestamping, stamps, undefined, NAMES, wantsCompact(flags))
  if ((flags & ETHTOOL_FLAGS.stats) !== 0) w.end(w.beginNest(T.stats))
}

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
    return error !== 0 ? error : reply(call, (w) => writeTsinfo(w, header.dev, header.flags))
  },
  dump(call) {
    const header = readHeader(call, false)
    if (typeof header === 'number') return header
    const records = (dev: Device) =>
      dev.driver.ethtool?.timestamps ? [(w: Writer) => writeTsinfo(w, dev, header.flags)] : []
    return call.req.socket.startDump(new DeviceDump(call, header.dev?.ifindex, records))
  },
}
