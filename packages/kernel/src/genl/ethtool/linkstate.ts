import { LINKSTATE } from '@netkit/netlink'
import type { Handlers } from '../call.ts'
import { query } from './query.ts'

/** Whether there is a link; not every driver can tell. */
export const getLinkstate: Handlers = query((dev) => {
  const link = dev.driver.ethtool?.link
  return (w) => {
    if (link) w.attrU8(LINKSTATE.ids.link, link(dev) ? 1 : 0)
  }
})
