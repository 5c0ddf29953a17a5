import { errno, IFF_BROADCAST, IFF_MULTICAST, LINK, VETH, XDP_RX_METADATA } from '@netkit/netlink'
import type { DriverHooks } from '../../net/driver.ts'
import type { Request } from '../../net/request.ts'
import { setEthernetAddress, setupEthernet } from '../address.ts'
import { OFFLOADS } from '../offloads.ts'
import { closePair, dellinkPair, openPair, type PairState, peerOf } from '../pair.ts'
import { checkEthernetAddress } from '../validate.ts'
import { vethChannels } from './channels.ts'
import { createVeth } from './create.ts'
import { ringOf } from './ring.ts'
import { vethStrings } from './strings.ts'
import { transmitVeth } from './transmit.ts'
import { groChanged, offerXdp, vethXdp } from './xdp.ts'

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
  makePriv: (): PairState => ({ peer: undefined }),
  setup(dev) {
    setupEthernet(dev)
    dev.flags = IFF_BROADCAST | IFF_MULTICAST
    dev.tsoMaxSize = 524280
    dev.xdpRxMetadata = XDP_RX_METADATA.timestamp | XDP_RX_METADATA.hash | XDP_RX_METADATA['vlan-tag']
  },
  validate: (link, req) => checkEthernetAddress(link.attrs, req) || checkMtu(link.attrs, req),
  newlink: createVeth,
  dellink: dellinkPair,
  iflink: (dev) => peerOf(dev)?.ifindex ?? 0,
  linkNs: (dev) => peerOf(dev)?.ns ?? dev.ns,
  transmit: transmitVeth,
  peer: peerOf,
  open(kernel, dev) {
    const error = openPair(kernel, dev)
    if (error === 0) offerXdp(kernel, dev)
    return error
  },
  stop(kernel, dev) {
    ringOf(dev)?.purge()
    closePair(kernel, dev)
  },
  setAddress: setEthernetAddress,
  features: OFFLOADS.veth,
  featuresChanged: groChanged,
  xdp: vethXdp,
  ethtool: {
    timestamps: 'sending',
    speed: 10_000,
    channels: vethChannels,
    link: (dev) => dev.up && dev.carrier,
    strings: vethStrings,
  },
}
