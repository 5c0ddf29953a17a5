import { errno, IFF_BROADCAST, IFF_MULTICAST, LINK, VETH, XDP_RX_METADATA } from '@netkit/netlink'
import type { DriverHooks } from '../../net/driver.ts'
import type { Request } from '../../net/request.ts'
import { setEthernetAddress, setupEthernet } from '../address.ts'
import { OFFLOADS } from '../offloads.ts'
import { checkEthernetAddress } from '../validate.ts'
import { vethChannels } from './channels.ts'
import { createVeth } from './create.ts'
import { makeVethState, vethState } from './state.ts'
import { transmitVeth } from './transmit.ts'
import { closeVeth, openVeth } from './updown.ts'

const MIN_MTU = 68
const MAX_MTU = 65535

/** The MTU has limits even where it is not set: whenever a request names the kind. */
function checkMtu(attrs: Int32Array, req: Request): number {
  const at = attrs[LINK.ids.mtu]
  if (at === 0) return 0
  const mtu = req.u32(at)
  return mtu < MIN_MTU || mtu > MAX_MTU ? -errno.EINVAL : 0
}

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
    dev.xdpRxMetadata = XDP_RX_METADATA.timestamp | XDP_RX_METADATA.hash | XDP_RX_METADATA['vlan-tag']
  },
  validate: (link, req) => checkEthernetAddress(link.attrs, req) || checkMtu(link.attrs, req),
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
  features: OFFLOADS.veth,
  ethtool: { timestamps: 'sending', channels: vethChannels, link: (dev) => dev.up && dev.carrier },
}
