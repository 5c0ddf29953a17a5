import type { LinkInfo, NetkitData } from '@netkit/netlink'
import type { Entry } from '../entry.ts'

const word = (value: string | number): string => String(value)

/** What is particular to a netkit device. Rooms and the pairing are said where they are not the default: `ip` has no words for them. */
function netkit(entry: Entry, data: NetkitData): void {
  if (data.mode !== undefined) entry.add('mode', word(data.mode), `mode ${data.mode} `)
  if (data.primary !== undefined) {
    const type = data.primary === 1 ? 'primary' : 'peer'
    entry.add('type', type, `type ${type} `)
  }
  if (data.policy !== undefined) entry.add('policy', word(data.policy), `policy ${data.policy} `)
  if (data.peerPolicy !== undefined) entry.add('peer_policy', word(data.peerPolicy), `peer policy ${data.peerPolicy} `)
  if (data.scrub !== undefined) entry.add('scrub', word(data.scrub), `scrub ${data.scrub} `)
  if (data.peerScrub !== undefined) entry.add('peer_scrub', word(data.peerScrub), `peer scrub ${data.peerScrub} `)
  for (const key of ['headroom', 'tailroom'] as const) {
    const n = data[key]
    if (n !== undefined) entry.add(key, n, n > 0 ? `${key} ${n} ` : '')
  }
  if (data.pairing !== undefined)
    entry.add('pairing', word(data.pairing), data.pairing === 'pair' ? '' : `pairing ${data.pairing} `)
}

/** The kind of a device and what is particular to it: the line that `-d` adds. */
export function kindLine(entry: Entry, info: LinkInfo): void {
  if (info.kind === undefined) return
  entry.nest('linkinfo', (inner) => {
    inner.add('info_kind', info.kind!, `\n    ${info.kind} `)
    if (info.kind === 'netkit' && info.data) inner.nest('info_data', (data) => netkit(data, info.data as NetkitData))
  })
}
