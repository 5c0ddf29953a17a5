import { errno, LINKINFO_SETTINGS, LINKMODES, STRING_SETS } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { Handlers } from '../call.ts'
import { writeBitset } from './bitset.ts'
import { wantsCompact } from './header.ts'
import { query } from './query.ts'
import { sharedStrings } from './strings.ts'

const I = LINKINFO_SETTINGS.ids
const M = LINKMODES.ids
const FULL_DUPLEX = 1
const WHY_NONE = 'failed to retrieve link settings'

const speedOf = (dev: Device): number | undefined => dev.driver.ethtool?.speed

/** How a device is wired. Those that tell a speed tell it of a twisted pair with nothing else to say about it. */
export const getLinkinfo: Handlers = query((dev, _flags, { req }) => {
  if (speedOf(dev) === undefined) return req.refuse(errno.EOPNOTSUPP, WHY_NONE)
  return (w) => {
    for (const id of [I.port, I.phyaddr, I.tpMdix, I.tpMdixCtrl, I.transceiver]) w.attrU8(id, 0)
  }
})

/** How fast a device is. */
export const getLinkmodes: Handlers = query((dev, flags, { req, kernel }) => {
  const speed = speedOf(dev)
  if (speed === undefined) return req.refuse(errno.EOPNOTSUPP, WHY_NONE)
  const modes = sharedStrings[kernel.release.name].get(STRING_SETS['link-modes']) ?? []
  return (w) => {
    w.attrU8(M.autoneg, 0)
    writeBitset(w, M.ours, 0n, 0n, modes, wantsCompact(flags))
    w.attrU32(M.speed, speed)
    w.attrU8(M.duplex, FULL_DUPLEX)
    w.attrU8(M.rateMatching, 0)
  }
})
