import { AF_SPEC, AF_SPEC_INET, AF_SPEC_INET6, hasSince, IFF_UP, LINK, Writer } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { InetState } from '../../net/inet.ts'
import { byRelease } from '../../release/builds.ts'
import type { Release } from '../../release/release.ts'

const V4 = AF_SPEC_INET.ids
const V6 = AF_SPEC_INET6.ids

/** Settings of a fresh namespace that are not 0, by position. Source: spec 01, appendix B. */
const INET_CONF_SIZE = 33
const INET_CONF: Readonly<Record<number, number>> = { 3: 1, 4: 1, 5: 1, 6: 1, 8: 1, 26: 10000, 27: 1000, 32: 1 }
const INET_CONF_LO: Readonly<Record<number, number>> = { ...INET_CONF, 14: 1, 15: 1 }

const INET6_CONF_SIZE = 60
// biome-ignore format: one setting after the other
const INET6_CONF: Readonly<Record<number, number>> = {
  1: 64, 3: 1, 4: 1, 5: 1, 6: 1, 7: -1, 8: 4000, 9: 1000, 11: 172800, 12: 86400, 13: 3, 14: 600, 15: 16, 17: 1, 18: 1, 19: 1,
  20: 60000, 27: 1, 30: 10000, 31: 1000, 32: 1, 35: 1, 38: 1, 43: 3600000, 46: 1, 52: 1024, 54: 65535, 55: -1, 56: 1,
}
/** Settings that came later, or began otherwise before a release. */
const INET6_CONF_HISTORY: readonly { at: number; before: string; was: 'absent' | number }[] = [
  { at: 11, before: '7.3', was: 604800 },
  { at: 59, before: '6.17', was: 'absent' },
]
const CONF_MTU = 2
const CONF_PROXY_NDP = 22
const CONF_TEMP_ADDR = 27
const CONF_USE_TEMPADDR_LO = 10
const CONF_ADDR_GEN_MODE = 47

const INET6_STATS = 38
const ICMP6_STATS = 7
const IF_READY = 0x8000_0000

function words(size: number, values: Readonly<Record<number, number>>): Uint8Array {
  const bytes = new Uint8Array(4 * size)
  const view = new DataView(bytes.buffer)
  for (const [at, n] of Object.entries(values)) view.setInt32(4 * Number(at), n, true)
  return bytes
}

function counters(count: number): Uint8Array {
  const bytes = new Uint8Array(8 * count)
  bytes[0] = count
  return bytes
}

/** The nests hardly differ from device to device: they are written once, then copied and touched up. */

const SETTINGS_AT = 8
const inetNest = (values: Readonly<Record<number, number>>): Uint8Array => {
  const w = new Writer(256)
  const inet = w.begin(AF_SPEC.ids.inet)
  w.attrBytes(V4.conf, words(INET_CONF_SIZE, values))
  w.end(inet)
  return w.take()
}
const INET = inetNest(INET_CONF)
const INET_LO = inetNest(INET_CONF_LO)

/** What is in the nest of IPv6, and where what differs stands in it. */
interface Template {
  readonly bytes: Uint8Array
  readonly flagsAt: number
  readonly cacheAt: number
  readonly confAt: number
  readonly tokenAt: number
  readonly addrGenModeAt: number
}

/** The settings of IPv6 as a release has them. */
function inet6Conf(release: string, loopback: boolean): Uint8Array {
  const values: Record<number, number> = loopback ? { ...INET6_CONF, [CONF_USE_TEMPADDR_LO]: -1 } : { ...INET6_CONF }
  let size = INET6_CONF_SIZE
  for (const { at, before, was } of INET6_CONF_HISTORY) {
    if (hasSince(release, before)) continue
    if (was === 'absent') size = Math.min(size, at)
    else values[at] = was
  }
  return words(size, values)
}

function inet6Template(release: string, loopback: boolean, stats: boolean): Template {
  const w = new Writer(1024)
  const flagsAt = w.length + 4
  w.attrU32(V6.flags, 0)
  const cacheAt = w.length + 4
  w.attrBytes(V6.cacheInfo, words(4, { 0: 65535, 3: 1000 }))
  const confAt = w.length + 4
  w.attrBytes(V6.conf, inet6Conf(release, loopback))
  if (stats) {
    w.attrBytes(V6.stats, counters(INET6_STATS))
    w.attrBytes(V6.icmp6Stats, counters(ICMP6_STATS))
  }
  const tokenAt = w.length + 4
  w.attrBytes(V6.token, new Uint8Array(16))
  const addrGenModeAt = w.length + 4
  w.attrU8(V6.addrGenMode, 0)
  return { bytes: w.take(), flagsAt, cacheAt, confAt, tokenAt, addrGenModeAt }
}

/** By release, whether it is for loopback, and with statistics. */
const INET6 = byRelease((release) => [
  [inet6Template(release, false, false), inet6Template(release, false, true)],
  [inet6Template(release, true, false), inet6Template(release, true, true)],
])

function writeInet(w: Writer, inet: InetState): void {
  const bytes = inet.v4Loopback ? INET_LO : INET
  const at = w.reserve(bytes.length)
  w.bytes.set(bytes, at)
  if (!inet.v4Settings) return
  for (const [position, n] of inet.v4Settings) w.view.setUint32(at + SETTINGS_AT + 4 * position, n, true)
}

/** Writes what IPv6 thinks of a device that it is configured on. */
export function writeInet6(w: Writer, dev: Device, release: Release, skipStats: boolean): void {
  const { inet } = dev
  if (!inet) return
  const t = INET6[release.name][dev.netnsImmutable ? 1 : 0][skipStats ? 0 : 1]
  const at = w.reserve(t.bytes.length)
  w.bytes.set(t.bytes, at)
  const { view } = w
  if (inet.ready && (dev.flags & IFF_UP) !== 0) view.setUint32(at + t.flagsAt, IF_READY, true)
  view.setUint32(at + t.cacheAt + 4, inet.timestamp, true)
  view.setUint32(at + t.cacheAt + 8, inet.reachableTime, true)
  view.setInt32(at + t.confAt + 4 * CONF_MTU, inet.mtu, true)
  view.setInt32(at + t.confAt + 4 * CONF_PROXY_NDP, inet.proxyNdp, true)
  view.setInt32(at + t.confAt + 4 * CONF_TEMP_ADDR, inet.quiet ? -1 : 1, true)
  view.setInt32(at + t.confAt + 4 * CONF_ADDR_GEN_MODE, inet.addrGenMode, true)
  if (inet.token) w.bytes.set(inet.token, at + t.tokenAt)
  w.bytes[at + t.addrGenModeAt] = inet.addrGenMode
}

/** Writes IFLA_AF_SPEC: what IPv4 and IPv6 think of the device. Empty once they have let go of it. */
export function writeAfSpec(w: Writer, dev: Device, release: Release, skipStats: boolean): void {
  const { inet } = dev
  const all = w.begin(LINK.ids.afSpec)
  if (inet?.v4) writeInet(w, inet)
  if (inet?.v6) {
    const inet6 = w.begin(AF_SPEC.ids.inet6)
    writeInet6(w, dev, release, skipStats)
    w.end(inet6)
  }
  w.end(all)
}
