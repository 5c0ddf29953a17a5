import { errno, IFF_NOARP, NETKIT, XDP_ACT } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import type { LinkRequest } from '../../net/link-request.ts'
import { setCarrier } from '../../net/linkwatch.ts'
import { registerDevice, unregisterDevices } from '../../net/register.ts'
import type { Request } from '../../net/request.ts'
import { changeFlags, configureNewLink } from '../../net/updown.ts'
import { randomAddress } from '../address.ts'
import { allocatePeer, peerAddressGiven, peerIfindex, tie } from '../pair.ts'
import { SAYS } from './says.ts'
import * as S from './state.ts'

const N = NETKIT.ids

/** Settings of a creation, both ends. */
interface Wanted {
  readonly mode: number
  readonly pairing: number
  readonly policy: number
  readonly peerPolicy: number
  readonly scrub: number
  readonly peerScrub: number
  readonly headroom: number
  readonly tailroom: number
}

const isPolicy = (n: number): boolean => n === S.POLICY_PASS || n === S.POLICY_DROP

function readWanted(link: LinkRequest, req: Request): Wanted {
  const { data } = link
  const u32 = (id: number, otherwise: number) => (data[id] !== 0 ? req.u32(data[id]) : otherwise)
  const u16 = (id: number) => (data[id] !== 0 ? req.u16(data[id]) : 0)
  return {
    mode: u32(N.mode, S.MODE_L3),
    pairing: u32(N.pairing, S.PAIRING_PAIR),
    policy: u32(N.policy, S.POLICY_PASS),
    peerPolicy: u32(N.peerPolicy, S.POLICY_PASS),
    scrub: u32(N.scrub, S.SCRUB_DEFAULT),
    peerScrub: u32(N.peerScrub, S.SCRUB_DEFAULT),
    headroom: u16(N.headroom),
    tailroom: u16(N.tailroom),
  }
}

/** What belongs to netkit alone, in the order in which it is checked. Source: spec 01 §3.4, rows 11 to 14. */
function check(wanted: Wanted, link: LinkRequest, req: Request): number {
  const { data } = link
  if (wanted.mode > S.MODE_L3) return req.refuse(errno.EINVAL, SAYS.badMode, data[N.mode])
  if (!isPolicy(wanted.policy)) return req.refuse(errno.EINVAL, SAYS.badPolicy, data[N.policy])
  if (!isPolicy(wanted.peerPolicy)) return req.refuse(errno.EINVAL, SAYS.badPolicy, data[N.peerPolicy])
  const addressed = link.addressGiven || peerAddressGiven(link)
  if (wanted.mode === S.MODE_L3 && addressed) return -errno.EOPNOTSUPP
  if (wanted.pairing === S.PAIRING_SINGLE) {
    const forPairs =
      data[N.peerInfo] !== 0 || data[N.peerScrub] !== 0 || data[N.peerPolicy] !== 0 || data[N.scrub] !== 0
    if (forPairs || wanted.policy !== S.POLICY_PASS) return -errno.EOPNOTSUPP
  }
  return 0
}

/** Makes a pair, or a single device. The peer is registered first. Source: spec 01 §3.4 to §3.6. */
export function createNetkit(kernel: Core, dev: Device, link: LinkRequest, req: Request): number {
  const wanted = readWanted(link, req)
  const refused = check(wanted, link, req)
  if (refused !== 0) return refused
  let peer: Device | undefined
  if (wanted.pairing === S.PAIRING_PAIR) {
    const made = createPeer(kernel, link, wanted, dev, req)
    if (typeof made === 'number') return made
    peer = made
  }
  configure(dev, wanted, true)
  if (wanted.mode === S.MODE_L2 && !link.addressGiven) dev.address = randomAddress(kernel.world)
  const error = registerDevice(kernel, dev, link.ifindex)
  if (error !== 0) {
    if (peer) unregisterDevices(kernel, [peer])
    return error
  }
  settle(kernel, dev, wanted.mode)
  if (peer) {
    tie(dev, peer)
  }
  return 0
}

function createPeer(kernel: Core, link: LinkRequest, wanted: Wanted, primary: Device, req: Request): Device | number {
  const peer = allocatePeer(kernel, primary, link, req)
  if (typeof peer === 'number') return peer
  configure(peer, wanted, false)
  peer.tsoMaxSize = primary.tsoMaxSize
  peer.tsoMaxSegs = primary.tsoMaxSegs
  if (wanted.mode === S.MODE_L2 && !peerAddressGiven(link)) peer.address = randomAddress(kernel.world)
  const error = registerDevice(kernel, peer, peerIfindex(link))
  if (error !== 0) return error
  settle(kernel, peer, wanted.mode)
  configureNewLink(kernel, peer, 0, 0, undefined)
  return peer
}

/** What a single device offers to AF_XDP, through the queues that it leases. */
const SINGLE_XDP = XDP_ACT.basic | XDP_ACT.redirect | XDP_ACT['xsk-zerocopy']

function configure(dev: Device, wanted: Wanted, primary: boolean): void {
  if (wanted.pairing === S.PAIRING_SINGLE) dev.xdpFeatures = SINGLE_XDP
  const state = S.netkitState(dev)
  state.primary = primary
  state.mode = wanted.mode
  state.pairing = wanted.pairing
  state.policy = primary ? wanted.policy : wanted.peerPolicy
  state.scrub = primary ? wanted.scrub : wanted.peerScrub
  state.headroom = wanted.headroom
  state.tailroom = wanted.tailroom
  dev.neededHeadroom = wanted.headroom
  dev.neededTailroom = wanted.tailroom
}

/** Right after its registration an end has no carrier, and in L2 mode resolves neighbours. */
function settle(kernel: Core, dev: Device, mode: number): void {
  setCarrier(kernel, dev, false)
  if (mode === S.MODE_L2) changeFlags(kernel, dev, dev.flags & ~IFF_NOARP)
}
