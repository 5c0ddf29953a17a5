import { ADDR, AF_INET, AF_INET6, IFA_F_PERMANENT, type Writer } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { ticks } from '../../net/ip/clock.ts'
import { FOREVER, type V4Address, type V6Address } from '../../net/ip-address.ts'
import { writeWords } from '../words.ts'

const A = ADDR.ids

export const isV4 = (a: V4Address | V6Address): a is V4Address => typeof a.local === 'number'

const one = new Int32Array(1)
function writeV4(w: Writer, id: number, address: number): void {
  one[0] = address
  writeWords(w, id, one)
}

/** Seconds of a lifetime that are left. */
function left(lifetime: number, passed: number): number {
  if (lifetime === FOREVER) return FOREVER
  return lifetime > passed ? lifetime - passed : 0
}

function writeCacheInfo(w: Writer, kernel: Core, a: V4Address | V6Address, endless: boolean): void {
  const passed = Math.floor((ticks(kernel) - a.updated) / 100)
  const preferred = endless ? FOREVER : left(a.preferred, passed)
  const valid = endless || a.preferred === FOREVER ? (endless ? FOREVER : left(a.valid, passed)) : left(a.valid, passed)
  const mark = w.begin(A.cacheInfo)
  w.u32(preferred).u32(valid).u32(a.created).u32(a.updated)
  w.end(mark)
}

/** Writes an address message behind its netlink header. Source: what Linux 7.3 sends. */
export function writeAddress(
  w: Writer,
  kernel: Core,
  dev: Device,
  a: V4Address | V6Address,
  targetNetnsid?: number,
): void {
  w.u8(isV4(a) ? AF_INET : AF_INET6)
    .u8(a.prefixLength)
    .u8(a.flags & 0xff)
    .u8(a.scope)
    .u32(dev.ifindex)
  if (targetNetnsid !== undefined) w.attrU32(A.targetNetnsid, targetNetnsid)
  if (isV4(a)) writeV4Attrs(w, kernel, a)
  else writeV6Attrs(w, kernel, a)
}

function writeV4Attrs(w: Writer, kernel: Core, a: V4Address): void {
  if (a.address !== 0) writeV4(w, A.address, a.address)
  if (a.local !== 0) writeV4(w, A.local, a.local)
  if (a.broadcast !== 0) writeV4(w, A.broadcast, a.broadcast)
  if (a.label !== '') w.attrString(A.label, a.label)
  if (a.proto !== 0) w.attrU8(A.proto, a.proto)
  w.attrU32(A.flags, a.flags)
  if (a.metric !== 0) w.attrU32(A.rtPriority, a.metric)
  writeCacheInfo(w, kernel, a, (a.flags & IFA_F_PERMANENT) !== 0)
}

function writeV6Attrs(w: Writer, kernel: Core, a: V6Address): void {
  if (a.peer) {
    writeWords(w, A.local, a.local)
    writeWords(w, A.address, a.peer)
  } else writeWords(w, A.address, a.local)
  if (a.metric !== 0) w.attrU32(A.rtPriority, a.metric)
  writeCacheInfo(w, kernel, a, (a.flags & IFA_F_PERMANENT) !== 0 && a.preferred === FOREVER)
  w.attrU32(A.flags, a.flags)
  if (a.proto !== 0) w.attrU8(A.proto, a.proto)
}
