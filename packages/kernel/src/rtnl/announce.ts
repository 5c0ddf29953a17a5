import { RTM_DELLINK, RTM_NEWLINK } from '@netkit/netlink'
import type { Announcer } from '../net/announcer.ts'
import type { Core } from '../net/core.ts'
import { REGISTERED } from '../net/device.ts'
import { buildLinkNotice, sendLinkNotice } from './link/notify.ts'
import { notifyNsid } from './nsid/message.ts'

/** What rtnetlink's groups hear of devices and namespaces. */
export const routeAnnouncer = (kernel: Core): Omit<Announcer, 'netdev' | 'features' | 'pagePool'> => ({
  link(dev, notice) {
    if (dev.state === REGISTERED) sendLinkNotice(kernel, buildLinkNotice(kernel, dev, RTM_NEWLINK, notice))
  },
  linkGone(dev, notice) {
    const built = buildLinkNotice(kernel, dev, RTM_DELLINK, notice)
    return () => sendLinkNotice(kernel, built)
  },
  nsid: (ns, event, nsid, req) => notifyNsid(kernel, ns, event, nsid, req),
})
