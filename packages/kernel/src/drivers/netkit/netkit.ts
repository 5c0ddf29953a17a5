import { errno, IFF_BROADCAST, IFF_MULTICAST, IFF_NOARP, NETKIT } from '@netkit/netlink'
import type { DriverHooks } from '../../net/driver.ts'
import { setEthernetAddress, setupEthernet } from '../address.ts'
import { OFFLOADS } from '../offloads.ts'
import { closePair, dellinkPair, peerOf } from '../pair.ts'
import { checkEthernetAddress } from '../validate.ts'
import { changeNetkit } from './change.ts'
import { createNetkit } from './create.ts'
import { fillNetkit } from './fill.ts'
import { fillXstats } from './fill-xstats.ts'
import { createLeasedQueue, lessorEvent, releaseLeases } from './lease.ts'
import { netkitRunner, takesXdpHooks } from './programs.ts'
import { MODE_L3, makeNetkitState, netkitState } from './state.ts'
import { transmitNetkit } from './transmit.ts'
import { openNetkit } from './updown.ts'
import { netkitXsk } from './xsk.ts'

/** Pairs and single devices. Source: spec 01 §3. */
export const netkitDriver: DriverHooks = {
  kind: 'netkit',
  driverName: 'netkit',
  nameTemplate: 'nk%d',
  policy: NETKIT.policy,
  peerAttr: NETKIT.ids.peerInfo,
  maxTxQueues: 1,
  maxRxQueues: 1024,
  makePriv: makeNetkitState,
  setup(dev, { does }) {
    setupEthernet(dev)
    dev.flags = IFF_BROADCAST | IFF_MULTICAST | IFF_NOARP
    if (does.queuesByKind) {
      dev.realRxQueues = 1
      dev.realTxQueues = 1
    }
    dev.tsoMaxSize = 524280
  },
  validate: (link, req) => checkEthernetAddress(link.attrs, req),
  newlink: createNetkit,
  changelink: changeNetkit,
  dellink: dellinkPair,
  uninit: releaseLeases,
  fillInfo: fillNetkit,
  fillXstats,
  iflink: (dev) => peerOf(dev)?.ifindex ?? 0,
  linkNs: (dev) => peerOf(dev)?.ns ?? dev.ns,
  transmit: transmitNetkit,
  peer: peerOf,
  open: openNetkit,
  stop: closePair,
  setAddress: (dev, address) =>
    netkitState(dev).mode === MODE_L3 ? -errno.EOPNOTSUPP : setEthernetAddress(dev, address),
  netkitRunner,
  takesXdpHooks,
  netmemTx: 'pass',
  features: OFFLOADS.netkit,
  // There is a hook, for AF_XDP, which refuses programs.
  xdp: { set: () => ({ error: -errno.EOPNOTSUPP }) },
  xsk: netkitXsk,
  createQueue: createLeasedQueue,
  onDeviceEvent: lessorEvent,
}
