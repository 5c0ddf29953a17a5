import { DEVLINK_PORT, IFF_BROADCAST, LINK, type NicModel, XDP_ACT } from '@netkit/netlink'
import type { DriverHooks } from '../../net/driver.ts'
import type { QueueStatsHooks } from '../../net/queue-stats.ts'
import { setEthernetAddress, setupEthernet } from '../address.ts'
import { nicChannels } from './channels.ts'
import { NETDEVSIM_FEATURES, NIC_FEATURES } from './offloads.ts'
import { nicQueues } from './queues.ts'
import { nicRings } from './rings.ts'
import { nicRss } from './rss-hooks.ts'
import { steeringIoctl } from './rxnfc.ts'
import { nicSettings } from './settings.ts'
import { nicState } from './state.ts'
import { transmitNic } from './transmit.ts'
import { closeNic, openNic } from './updown.ts'
import { changeNicMtu, netdevsimXdp, nicXdp } from './xdp.ts'
import { nicXsk, offerXsk } from './xsk.ts'

export const NIC_BUS = 'netdevsim'
/** The one port of a NIC. */
const PORT = 0

const NO_TRAFFIC = { packets: 0, bytes: 0 }

const NIC_COUNTS: QueueStatsHooks = {
  rx: (dev, queue) => nicState(dev).rxTraffic[queue],
  tx: (dev, queue) => nicState(dev).txTraffic[queue],
  baseRx: () => NO_TRAFFIC,
  baseTx: () => NO_TRAFFIC,
  rxLosses: (dev, queue) => nicState(dev).rxLosses[queue],
}

/** A multi-queue physical NIC: what netdevsim is, with receive side scaling and steering. Source: spec 01 §4.12. */
const nicDriver: DriverHooks = {
  driverName: NIC_BUS,
  nameTemplate: 'eth%d',
  setup(dev, { does }) {
    setupEthernet(dev)
    dev.flags = IFF_BROADCAST
    // What netdevsim says, although frames can be redirected to it and from it, too.
    dev.xdpFeatures = (does.nicRunsXdp ? XDP_ACT.basic : 0) | XDP_ACT['hw-offload']
    if (dev.driver === nicDriver && does.nicRunsXdp) offerXsk(dev)
    if (does.nicQueuesPackets) dev.defaultQdisc = dev.numTxQueues > 1 ? 'mq' : 'fq_codel'
  },
  newlink: () => 0,
  transmit: transmitNic,
  open: openNic,
  stop: closeNic,
  setAddress: setEthernetAddress,
  physPortName: () => `p${PORT + 1}`,
  physSwitchId: (dev) => nicState(dev).switchId,
  fillDevlinkPort(dev, w) {
    const D = DEVLINK_PORT.ids
    w.attrString(D.busName, NIC_BUS)
    w.attrString(D.devName, dev.parent?.name ?? '')
    w.attrUint(D.index, nicState(dev).devlink)
    w.attrU32(D.portIndex, PORT)
  },
  fillVirtualFunctions(_dev, w) {
    w.attrU32(LINK.ids.numVf, 0)
    w.end(w.begin(LINK.ids.vfinfoList))
  },
  queueManagement: nicQueues,
  netmemTx: 'dma',
  dmaDevice: (dev) => nicState(dev).dma,
  features: NIC_FEATURES,
  changeMtu: changeNicMtu,
  xdp: nicXdp,
  xsk: nicXsk,
  ethtool: {
    channels: nicChannels,
    rings: nicRings,
    ...nicSettings,
    rss: nicRss,
    ioctl: steeringIoctl,
    timestamps: 'receiving',
    tunnelPorts: [
      { size: 4, types: ['vxlan'] },
      { size: 4, types: ['geneve', 'vxlan-gpe'] },
    ],
    maxSteeredQueue: (dev) => nicState(dev).steering.highestRing,
  },
  queueStats: NIC_COUNTS,
}

const { rss: _, ioctl: _ioctl, ...likeNetdevsim } = nicDriver.ethtool ?? {}
const { rxLosses: _rxLosses, ...counting } = NIC_COUNTS

/** The same without what netdevsim lacks, for comparing with Linux. */
const netdevsimDriver: DriverHooks = {
  ...nicDriver,
  features: NETDEVSIM_FEATURES,
  xdp: netdevsimXdp,
  queueStats: counting,
  netmemTx: undefined,
  dmaDevice: undefined,
  xsk: undefined,
  ethtool: likeNetdevsim,
}

/** By model. */
export const NIC_DRIVERS = { nic: nicDriver, netdevsim: netdevsimDriver } as const satisfies Record<
  NicModel,
  DriverHooks
>
