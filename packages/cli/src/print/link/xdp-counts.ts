import { Data, decodeAttrs, NETKIT_XSTATS } from '@netkit/netlink'
import type { Entry } from '../entry.ts'
import { count } from '../numbers.ts'
import type { LinkMessage, LinkView } from './view.ts'

/** Verdicts, which are always shown, and failures, which are if there were some. */
const SHOWN = [
  ['tx', 'tx', true],
  ['pass', 'pass', true],
  ['drop', 'drop', true],
  ['redirect', 'redirect', true],
  ['aborted', 'aborted', true],
  ['redirectErr', 'redirect_err', false],
  ['passErr', 'pass_err', false],
  ['injectOverflow', 'inject_overflow', false],
] as const

/** What XDP programs of a single netkit device have decided, beyond Linux. */
export function xdpCounts(entry: Entry, { attrs: { linkinfo } }: LinkMessage, view: LinkView): void {
  if (linkinfo?.kind !== 'netkit' || linkinfo.xstats === undefined) return
  const xstats = decodeAttrs(NETKIT_XSTATS, new Data(linkinfo.xstats), 0, linkinfo.xstats.length)
  for (const hook of ['egress', 'inject'] as const) {
    const counts = xstats[hook]
    if (counts === undefined) continue
    const rows = SHOWN.map(([key, word, always]) => ({ word, n: counts[key] ?? 0n, always }))
    const text = rows.filter(({ n, always }) => always || n > 0n).map(({ word, n }) => `${word} ${count(n, view)}`)
    entry.add(
      `netkit_xdp_${hook}`,
      Object.fromEntries(rows.map(({ word, n }) => [word, n])),
      `\n    XDP ${hook}: ${text.join(' ')}`,
    )
  }
}
