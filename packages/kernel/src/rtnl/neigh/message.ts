import { AF_INET, AF_INET6, NEIGH, NEIGH_FLAGS, type Writer } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Neighbour } from '../../net/neighbour.ts'
import { NUD_VALID } from '../../net/neighbour-states.ts'
import type { ProxyNeighbour } from '../../net/proxies.ts'
import { writeWords } from '../words.ts'

const N = NEIGH.ids
const V4_WORD = 2
const MAPPED = 0xffff
const MS_PER_TICK = 10
const RTN_UNICAST = 1

/** AF_* of a neighbour. */
const familyOf = ({ key }: { readonly key: Int32Array }): number =>
  key[0] === 0 && key[1] === 0 && key[V4_WORD] === MAPPED ? AF_INET : AF_INET6

const v4 = new Int32Array(1)

function writeKey(w: Writer, family: number, key: Int32Array): void {
  v4[0] = key[3]
  writeWords(w, N.dst, family === AF_INET ? v4 : key)
}

/** Writes a proxy's message behind its netlink header. Source: what Linux 7.3 sends. */
export function writeProxy(w: Writer, { dev, key, flags, protocol }: ProxyNeighbour): void {
  const family = familyOf({ key })
  w.u8(family)
    .u8(0)
    .u16(0)
    .u32(dev?.ifindex ?? 0)
    .u16(0)
    .u8(flags | NEIGH_FLAGS.proxy)
    .u8(RTN_UNICAST)
  writeKey(w, family, key)
  if (protocol !== 0) w.attrU8(N.protocol, protocol)
}

/** Writes a neighbour message behind its netlink header. Source: what Linux 7.3 sends. */
export function writeNeighbour(w: Writer, kernel: Core, n: Neighbour): void {
  const family = familyOf(n)
  w.u8(family).u8(0).u16(0).u32(n.dev.ifindex).u16(n.state).u8(n.flags).u8(n.type)
  writeKey(w, family, n.key)
  if ((n.state & NUD_VALID) !== 0 && n.dev.addressLength > 0) w.attrBytes(N.lladdr, n.address)
  w.attrU32(N.probes, n.probes)
  const now = Number(kernel.world.now() / 1_000_000n)
  const since = (ms: number): number => Math.floor((now - ms) / MS_PER_TICK) >>> 0
  const cache = w.begin(N.cacheInfo)
  w.u32(since(n.confirmed)).u32(since(n.used)).u32(since(n.updated)).u32(0)
  w.end(cache)
  if (n.protocol !== 0) w.attrU8(N.protocol, n.protocol)
  if (n.extFlags !== 0) w.attrU32(N.flagsExt, n.extFlags)
}
