import { IFF_BROADCAST, IFF_NOARP } from '@netkit/netlink'
import type { DriverHooks } from '../../net/driver.ts'
import { registerDevice } from '../../net/register.ts'
import { randomAddress, setEthernetAddress, setupEthernet } from '../address.ts'
import { OFFLOADS } from '../offloads.ts'
import { checkEthernetAddress } from '../validate.ts'
import { transmitDummy } from './transmit.ts'

/** A device that swallows what it is sent. */
export const dummyDriver: DriverHooks = {
  kind: 'dummy',
  driverName: 'dummy',
  nameTemplate: 'dummy%d',
  setup(dev) {
    setupEthernet(dev)
    dev.flags = IFF_BROADCAST | IFF_NOARP
    dev.minMtu = 0
    dev.maxMtu = 0
  },
  validate: (link, req) => checkEthernetAddress(link.attrs, req),
  newlink(kernel, dev, link) {
    if (!link.addressGiven) dev.address = randomAddress(kernel.world)
    return registerDevice(kernel, dev, link.ifindex)
  },
  dellink: (dev, doomed) => void doomed.push(dev),
  setAddress: setEthernetAddress,
  settableCarrier: true,
  ownLock: true,
  features: OFFLOADS.dummy,
  ethtool: { timestamps: 'sending' },
  transmit: transmitDummy,
}
