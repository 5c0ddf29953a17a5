import { errno, LINK } from '@netkit/netlink'
import type { Core } from '../net/core.ts'
import type { Device } from '../net/device.ts'
import type { LinkRequest } from '../net/link-request.ts'
import { setCarrier } from '../net/linkwatch.ts'
import type { Request } from '../net/request.ts'
import { allocateLink } from '../rtnl/link/create.ts'
import { placePeer } from '../rtnl/link/places.ts'

/** What devices have in `priv` that come in pairs. */
export interface PairState {
  /** The other end; undefined on both ends as soon as either is being deleted. */
  peer: Device | undefined
}

const stateOf = (dev: Device): PairState => dev.priv as PairState
export const peerOf = (dev: Device): Device | undefined => stateOf(dev).peer

/** Ties two registered ends together. */
export function tie(a: Device, b: Device): void {
  stateOf(a).peer = b
  stateOf(b).peer = a
}

/** Both ends have carrier while both are up. */
export function openPair(kernel: Core, dev: Device): number {
  const peer = peerOf(dev)
  if (!peer) return -errno.ENOTCONN
  if (peer.up) {
    setCarrier(kernel, dev, true)
    setCarrier(kernel, peer, true)
  }
  return 0
}

export function closePair(kernel: Core, dev: Device): void {
  setCarrier(kernel, dev, false)
  const peer = peerOf(dev)
  if (peer) setCarrier(kernel, peer, false)
}

/** Either end takes the other along; they let go of each other before anything else happens. */
export function dellinkPair(dev: Device, doomed: Device[]): void {
  const peer = peerOf(dev)
  stateOf(dev).peer = undefined
  doomed.push(dev)
  if (!peer) return
  stateOf(peer).peer = undefined
  doomed.push(peer)
}

/** The peer that a request describes, not registered yet, or a negative errno. It goes where its own attributes say, else to
 *  the namespace of LINK_NETNSID, else to the requester's. */
export function allocatePeer(kernel: Core, primary: Device, link: LinkRequest, req: Request): Device | number {
  const lost = kernel.release.does.placesFirst ? 0 : placePeer(req, link)
  if (lost !== 0) return lost
  const described = link.peer ?? link
  const ns = link.peerNs ?? link.linkNs ?? req.ns
  const peer = allocateLink(kernel, primary.driver, ns, described.attrs, req)
  if (typeof peer === 'number') return peer
  // A name that is not the peer's own is not its name.
  if (!link.peerGiven || described.attrs[LINK.ids.ifname] === 0) peer.name = primary.driver.nameTemplate
  return peer
}

/** The ifindex that the peer shall have: heeded only beside one for the primary. */
export const peerIfindex = (link: LinkRequest): number =>
  link.peerGiven && link.ifindex !== 0 ? (link.peer?.ifindex ?? 0) : 0

/** The peer has an address of its own, given for it. */
export const peerAddressGiven = (link: LinkRequest): boolean => link.peerGiven && link.peer?.addressGiven === true
