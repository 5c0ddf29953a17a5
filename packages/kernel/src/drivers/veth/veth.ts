import { IFF_BROADCAST, IFF_MULTICAST, VETH } from '@netkit/netlink'
import type { DriverHooks } from '../../net/driver.ts'
import { setEthernetAddress, setupEthernet } from '../address.ts'
import { checkEthernetAddress } from '../validate.ts'
import { createVeth } from './create.ts'
import { makeVethState, vethState } from './state.ts'
import { transmitVeth } from './transmit.ts'
import { closeVeth, openVeth } from './updown.ts'

/** Virtual Ethernet cables. */
export const vethDriver: DriverHooks = {
  kind: 'veth',
  driverName: 'veth',
  nameTemplate: 'veth%d',
  policy: VETH.policy,
  peerAttr: VETH.ids.peer,
  makePriv: makeVethState,
  setup(dev) {
    setupEthernet(dev)
    dev.flags = IFF_BROADCAST | IFF_MULTICAST
    dev.tsoMaxSize = 524280
  },
  validate: (link, req) => checkEthernetAddress(link.attrs, req),
  newlink: createVeth,
  dellink(dev, doomed) {
    const state = vethState(dev)
    const { peer } = state
    state.peer = undefined
    doomed.push(dev)
    if (!peer) return
    vethState(peer).peer = undefined
    doomed.push(peer)
  },
  iflink: (dev) => vethState(dev).peer?.ifindex ?? 0,
  linkNs: (dev) => vethState(dev).peer?.ns ?? dev.ns,
  transmit: transmitVeth,
  open: openVeth,
  stop: closeVeth,
  setAddress: setEthernetAddress,
}
