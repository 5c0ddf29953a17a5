import { LINK, NETKIT } from '@netkit/netlink'
import type { Chance } from '../chance.ts'
import { name } from '../steps.ts'
import { oddities, payloads, usual } from '../values.ts'
import { attr, type Bytes, bytes, mac, nest, str, u8, u16, u32 } from '../wire.ts'

/** What random requests carry: mostly sensible, drawn from few values so that they meet again. */

const L = LINK.ids
const N = NETKIT.ids
export const NAMES = [
  'a',
  'b',
  'c',
  'd',
  'e',
  'nk0',
  'nk1',
  'veth0',
  'dummy0',
  'x%d',
  'nk%d',
  'lo',
  'alt0',
  'alt1',
  'all',
]
export const ALTNAMES = ['alt0', 'alt1', 'alt2', 'a', 'b', 'nk0', 'an-alternative-name-of-some-length']
export const KINDS = ['netkit', 'netkit', 'netkit', 'veth', 'dummy']
export const IDS = [0, 1, 5, 9, -1]

export type Maker = (c: Chance) => Bytes
export type Weighted = readonly (readonly [weight: number, make: Maker])[]

const number =
  (id: number, size: (n: number) => Bytes, ...values: readonly number[]): Maker =>
  (c) =>
    attr(id, size(c.pick(values)))

/** Attributes of any link. */
export const LINK_ATTRS: Weighted = [
  [6, number(L.mtu, u32, 50, 68, 100, 1000, 1279, 1280, 1400, 1500, 9000, 65535, 65536)],
  [
    4,
    (c) => attr(L.address, c.pick([mac(c.below(9)), mac(1), [1, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0]])),
  ],
  [2, (c) => attr(L.broadcast, c.pick([mac(c.below(9)), [255, 255, 255, 255, 255, 255]]))],
  [3, number(L.txqlen, u32, 0, 1, 500, 1000, 32767, 32768)],
  [5, number(L.group, u32, 0, 1, 2, 3)],
  [3, (c) => attr(L.ifalias, str(c.pick(['', 'text', 'another text'])))],
  [5, (c) => attr(L.linkmode, u8(c.below(4)))],
  [5, (c) => attr(L.operstate, u8(c.below(8)))],
  [2, (c) => attr(L.carrier, u8(c.below(2)))],
  [2, number(L.gsoMaxSize, u32, 400, 30000, 65536, 65537, 524280)],
  [2, number(L.groMaxSize, u32, 0, 400, 65536, 65537, 524280, 524281)],
  [1, number(L.gsoMaxSegs, u32, 0, 1, 64, 65535, 65536)],
  [1, number(L.gsoIpv4MaxSize, u32, 400, 65536, 100000)],
  [1, number(L.groIpv4MaxSize, u32, 400, 65536, 100000)],
  [4, number(L.numRxQueues, u32, 0, 1, 2, 3, 4, 8, 1024, 1025, 4096)],
  [2, number(L.numTxQueues, u32, 0, 1, 2, 8)],
  [3, (c) => nest(L.afSpec, nest(2, nest(1, attr(1 + c.below(33), u32(c.below(2))))))],
  [2, (c) => nest(L.afSpec, nest(10, attr(8, u8(c.below(5)))))],
  [2, () => nest(L.afSpec, nest(10, attr(7, bytes('0000000000000000123456789abcdef0'))))],
  [1, number(L.master, u32, 0, 1, 2)],
  [1, (c) => attr(L.protoDown, u8(c.below(2)))],
  [1, () => nest(L.xdp, attr(1, u32(-1)))],
  [3, (c) => name(c.pick(NAMES))],
  [1, (c) => attr(L.altIfname, str(c.pick(ALTNAMES)))],
  [2, (c) => attr(L.newIfindex, u32(1 + c.below(60)))],
  [1, number(L.linkNetnsid, u32, ...IDS)],
  [2, strange],
]

/** Any attribute with anything in it. */
function strange(c: Chance): Bytes {
  const id = c.below(LINK.policy.maxId + 1)
  // Small process ids may be anyone's.
  if (id === L.netNsPid) return []
  const [good, other] = usual(id)
  return c.oneIn(2) ? attr(id, c.pick(payloads(LINK.policy, id))) : c.pick(oddities(id, good, other))
}

/** Of netkit devices alone. */
export const NETKIT_ATTRS: Weighted = [
  [5, (c) => attr(N.mode, u32(c.below(2)))],
  [3, () => attr(N.pairing, u32(1))],
  [3, number(N.policy, u32, 0, 2, 2, 1)],
  [3, number(N.peerPolicy, u32, 0, 2, 2, 7)],
  [2, (c) => attr(N.scrub, u32(c.below(2)))],
  [2, (c) => attr(N.peerScrub, u32(c.below(2)))],
  [1, (c) => attr(N.headroom, u16(c.below(300)))],
  [1, (c) => attr(N.tailroom, u16(c.below(300)))],
  [1, (c) => c.pick(NETKIT_TRIES)],
]

const NETKIT_TRIES = Array.from({ length: NETKIT.policy.maxId + 2 }, (_, id) => [
  ...payloads(NETKIT.policy, id).map((p) => attr(id, p)),
  ...oddities(id, u32(1), u32(0)),
]).flat()
