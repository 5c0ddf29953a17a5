import { LINKINFO, NETKIT_XDP_COUNT_IDS as N, NETKIT_XSTATS, NLA_F_NESTED, type Writer } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_REDIRECT, XDP_TX } from '../../net/xdp-run.ts'
import { netkitState } from './state.ts'

/** IFLA_INFO_XSTATS, of a device where programs of the extension have run. */
export function fillXstats(dev: Device, w: Writer): void {
  const { xdpCounts } = netkitState(dev)
  if (xdpCounts === undefined) return
  const xstats = w.begin(LINKINFO.ids.xstats)
  for (const hook of ['egress', 'inject'] as const) {
    const { byAction, redirectErrors, passErrors, overflows } = xdpCounts[hook]
    const mark = w.begin(NETKIT_XSTATS.ids[hook] | NLA_F_NESTED)
    w.attrU64(N.tx, BigInt(byAction[XDP_TX]))
    w.attrU64(N.pass, BigInt(byAction[XDP_PASS]))
    w.attrU64(N.drop, BigInt(byAction[XDP_DROP]))
    w.attrU64(N.redirect, BigInt(byAction[XDP_REDIRECT]))
    w.attrU64(N.aborted, BigInt(byAction[XDP_ABORTED]))
    w.attrU64(N.redirectErr, BigInt(redirectErrors))
    w.attrU64(N.passErr, BigInt(passErrors))
    w.attrU64(N.injectOverflow, BigInt(overflows))
    w.end(mark)
  }
  w.end(xstats)
}
