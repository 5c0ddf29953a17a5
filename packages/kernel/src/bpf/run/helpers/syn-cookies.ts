import { errno } from '@netkit/netlink'
import type { HelperRow, HelperWorld } from './helper.ts'

const TCP_HEADER = 20
const LISTEN = 10
const DEFAULT_MSS = 536
const MSS = 2
const SYN = 2
const RST = 4
const ACK = 16
const FIN = 1

const tuple = { 4: new Int32Array(3), 6: new Int32Array(9) }

/** Addresses and ports of a segment. */
function tupleOf({ memory: { view } }: HelperWorld, version: 4 | 6, ip: number, tcp: number): Int32Array {
  const words = tuple[version]
  const start = version === 4 ? 12 : 8
  for (let i = 0; i < words.length - 1; i++) words[i] = view.getInt32(ip + start + 4 * i)
  words[words.length - 1] = view.getInt32(tcp)
  return words
}

/** What a SYN says of the size of segments. */
function mssOf({ memory: { view } }: HelperWorld, tcp: number, length: number): number {
  for (let at = TCP_HEADER; at < length; ) {
    const kind = view.getUint8(tcp + at)
    if (kind === 0) break
    const size = kind === 1 ? 1 : at + 1 < length ? view.getUint8(tcp + at + 1) : 0
    if (size === 0 || (kind !== 1 && size < 2) || at + size > length) break
    if (kind === MSS && size === 4) return view.getUint16(tcp + at + 2) || DEFAULT_MSS
    at += size
  }
  return DEFAULT_MSS
}

const headerBytes = ({ memory: { view } }: HelperWorld, tcp: number): number => (view.getUint8(tcp + 12) >> 4) * 4

const generate = (version: 4 | 6): HelperRow => ({
  name: `tcp_raw_gen_syncookie_ipv${version}`,
  args: ['u32', 'u32', 'u32'],
  returns: 'u64',
  body(of, ip, tcp, length) {
    const { view } = of.memory
    const at = tcp >>> 0
    let result = BigInt(-errno.EINVAL)
    if (length >>> 0 >= TCP_HEADER && length === headerBytes(of, at)) {
      const words = tupleOf(of, version, ip >>> 0, at)
      const { cookie, mss } = of.cookies.make(version, words, view.getUint32(at + 4), mssOf(of, at, length))
      result = (BigInt(mss) << 32n) | BigInt(cookie)
    }
    view.setBigInt64(of.resultCell, result, true)
    return 0
  },
})

const check = (version: 4 | 6): HelperRow => ({
  name: `tcp_raw_check_syncookie_ipv${version}`,
  args: ['u32', 'u32'],
  returns: 's32',
  body(of, ip, tcp) {
    const { view } = of.memory
    const at = tcp >>> 0
    const words = tupleOf(of, version, ip >>> 0, at)
    return of.cookies.check(version, words, view.getUint32(at + 4), view.getUint32(at + 8)) ? 0 : -errno.EACCES
  },
})

/** Listeners of this kernel never use cookies by themselves: what is asked of them is refused as by one whose queue is not full. */
const ofListener = (name: string, wants: (flags: number) => number): HelperRow => ({
  name,
  args: ['u32', 'u32', 'u32', 'u32', 'u32'],
  returns: 's32',
  body(of, address, _ip, _ipBytes, tcp, bytes) {
    const socket = of.socketBlocks.at(address >>> 0)
    const isStream = socket?.state === LISTEN
    if (bytes >>> 0 < TCP_HEADER || !isStream) return -errno.EINVAL
    return wants(of.memory.view.getUint8((tcp >>> 0) + 13))
  },
})

/** SYN cookies. Source: spec 02 §3.5. */
export const SYN_COOKIES: readonly HelperRow[] = [
  generate(4),
  generate(6),
  check(4),
  check(6),
  ofListener('tcp_gen_syncookie', (flags) =>
    (flags & (SYN | ACK | FIN | RST)) === SYN ? -errno.ENOENT : -errno.EINVAL,
  ),
  ofListener('tcp_check_syncookie', () => -errno.ENOENT),
]
