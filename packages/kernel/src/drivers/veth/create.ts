import { LINK } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import type { LinkRequest } from '../../net/link-request.ts'
import { setCarrier } from '../../net/linkwatch.ts'
import { registerDevice, unregisterDevices } from '../../net/register.ts'
import type { Request } from '../../net/request.ts'
import { configureNewLink } from '../../net/updown.ts'
import { randomAddress } from '../address.ts'
import { allocatePeer, peerAddressGiven, peerIfindex, tie } from '../pair.ts'
import { offerXdp } from './xdp.ts'

/** Queues that were not asked for are not used, at either end: what the peer's own attributes say only makes room for them. */
function useQueues(dev: Device, { attrs }: LinkRequest): void {
  if (attrs[LINK.ids.numTxQueues] === 0) dev.realTxQueues = 1
  if (attrs[LINK.ids.numRxQueues] === 0) dev.realRxQueues = 1
}

/** Makes a cable: the peer first. */
export function createVeth(kernel: Core, dev: Device, link: LinkRequest, req: Request): number {
  const peer = allocatePeer(kernel, dev, link, req)
  if (typeof peer === 'number') return peer
  if (!peerAddressGiven(link)) peer.address = randomAddress(kernel.world)
  const peerError = registerDevice(kernel, peer, peerIfindex(link))
  if (peerError !== 0) return peerError
  setCarrier(kernel, peer, false)
  const { flags, change } = (link.peerGiven && link.peer) || { flags: 0, change: 0 }
  const refused = configureNewLink(kernel, peer, flags, change, undefined)
  if (refused !== 0) {
    unregisterDevices(kernel, [peer])
    return refused
  }
  if (!link.addressGiven) dev.address = randomAddress(kernel.world)
  const error = registerDevice(kernel, dev, link.ifindex)
  if (error !== 0) {
    unregisterDevices(kernel, [peer])
    return error
  }
  setCarrier(kernel, dev, false)
  useQueues(dev, link)
  useQueues(peer, link)
  tie(dev, peer)
  offerXdp(kernel, dev)
  offerXdp(kernel, peer)
  return 0
}
