import { errno, XDP_ACT } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { ETH_HLEN } from '../../net/ethernet.ts'
import { deviceEvent } from '../../net/events.ts'
import { featureSet, featuresOf, withholdFeatures } from '../../net/features.ts'
import type { XdpHooks, XdpRefusal } from '../../net/xdp.ts'
import { SEGMENTATION } from '../offloads.ts'
import { peerOf } from '../pair.ts'
import { openRing, transmitFrames } from './ring.ts'

const PAGE = 4096
const HEADROOM = 256
/** What the kernel keeps at the end of a buffer for the list of fragments, and how many there can be. */
const FRAGMENT_LIST = 320
const MOST_FRAGMENTS = 17
const LARGEST_MTU = 65535

const GRO = featureSet('rx-gro')
const XMIT = XDP_ACT['ndo-xmit'] | XDP_ACT['ndo-xmit-sg']

/** What both can do: an end runs programs if its peer does not send through more queues than it receives by. */
export function offerXdp(kernel: Core, dev: Device): void {
  const peer = peerOf(dev)
  if (!peer) return
  let offered = 0
  if (peer.realTxQueues <= dev.realRxQueues) {
    offered = XDP_ACT.basic | XDP_ACT.redirect | XDP_ACT['rx-sg']
    if (takesFrames(kernel, peer)) offered |= XMIT
  }
  setOffered(kernel, dev, offered)
}

/** Whether frames can be redirected to the peer of an end: that polls its rings for a program, or because GRO is wanted. */
const takesFrames = (kernel: Core, dev: Device): boolean => dev.xdp?.driver !== undefined || wantsGro(kernel, dev)
const wantsGro = (kernel: Core, dev: Device): boolean => (featuresOf(dev, kernel.release).wanted & GRO) !== 0n

function setOffered(kernel: Core, dev: Device, offered: number): void {
  if (dev.xdpFeatures === offered) return
  dev.xdpFeatures = offered
  deviceEvent(kernel, dev, 'features')
}

/** What an end can be sent by redirection goes with the GRO of its peer, while that is up and runs no program. */
export function groChanged(kernel: Core, dev: Device): void {
  const peer = peerOf(dev)
  if (!peer || !dev.up || dev.xdp?.driver) return
  openRing(kernel, dev)
  setOffered(kernel, peer, wantsGro(kernel, dev) ? peer.xdpFeatures | XMIT : peer.xdpFeatures & ~XMIT)
}

const refused = (code: number, text: string): XdpRefusal => ({ error: -code, text: `veth: ${text}` })

/** Programs run where an end receives; its peer must not send what does not fit into one buffer, or one with fragments. */
export const vethXdp: XdpHooks = {
  set(kernel, dev, program, before) {
    const peer = peerOf(dev)
    if (program) {
      if (!peer) return refused(errno.ENOTCONN, 'Cannot set XDP when peer is detached')
      const fragments = program.takesFragments ? PAGE * MOST_FRAGMENTS : 0
      const mostMtu = PAGE - HEADROOM - FRAGMENT_LIST - ETH_HLEN + fragments
      if (peer.mtu > mostMtu) return refused(errno.ERANGE, 'Peer MTU is too large to set XDP')
      if (dev.realRxQueues < peer.realTxQueues) {
        return refused(errno.ENOSPC, 'XDP expects number of rx queues not less than peer tx queues')
      }
      peer.maxMtu = mostMtu
      openRing(kernel, dev)
      setOffered(kernel, peer, peer.xdpFeatures | XMIT)
    } else if (peer) {
      if (!wantsGro(kernel, dev)) setOffered(kernel, peer, peer.xdpFeatures & ~XMIT)
      peer.maxMtu = LARGEST_MTU
    }
    if (peer && (program === undefined) !== (before === undefined)) {
      withholdFeatures(kernel, peer, program ? SEGMENTATION : 0n)
    }
    return undefined
  },
  transmit: transmitFrames,
  takesFrames: (dev) => (dev.xdpFeatures & XDP_ACT['ndo-xmit']) !== 0,
}
