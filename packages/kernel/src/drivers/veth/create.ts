import { LINK, XDP_ACT } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { deviceEvent } from '../../net/events.ts'
import type { LinkRequest } from '../../net/link-request.ts'
import { setCarrier } from '../../net/linkwatch.ts'
import { registerDevice, unregisterDevices } from '../../net/register.ts'
import type { Request } from '../../net/request.ts'
import { configureNewLink } from '../../net/updown.ts'
import { allocateLink } from '../../rtnl/link/create.ts'
import { randomAddress } from '../address.ts'
import { vethState } from './state.ts'

/** An end can run XDP programs only once it has a peer. */
function offerXdp(kernel: Core, dev: Device): void {
  dev.xdpFeatures = XDP_ACT.basic | XDP_ACT.redirect | XDP_ACT['rx-sg']
  deviceEvent(kernel, dev, 'features')
}

/** Makes a cable: the peer first. */
export function createVeth(kernel: Core, dev: Device, link: LinkRequest, req: Request): number {
  const described = link.peer ?? link
  const peer = allocateLink(kernel, dev.driver, link.peerNs ?? link.linkNs ?? req.ns, described.attrs, req)
  if (typeof peer === 'number') return peer
  if (!link.peerGiven || described.attrs[LINK.ids.ifname] === 0) peer.name = dev.driver.nameTemplate
  if (!(link.peerGiven && described.addressGiven)) peer.address = randomAddress(kernel.world)
  const peerError = registerDevice(kernel, peer, link.peerGiven && link.ifindex !== 0 ? described.ifindex : 0)
  if (peerError !== 0) return peerError
  setCarrier(kernel, peer, false)
  const { flags, change } = link.peerGiven ? described : { flags: 0, change: 0 }
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
  vethState(dev).peer = peer
  vethState(peer).peer = dev
  offerXdp(kernel, dev)
  offerXdp(kernel, peer)
  return 0
}
