import { Entry } from '../entry.ts'
import { printable } from '../printable.ts'
import { counters } from './counters.ts'
import { details } from './details.ts'
import { linkFlags } from './flags.ts'
import { groupName, linkType, nameEntry, operstateName, operstateStyle } from './names.ts'
import type { LinkMessage, LinkView } from './view.ts'
import { xdpPrograms, xdpWord } from './xdp.ts'
import { xdpCounts } from './xdp-counts.ts'

/** A device as `ip link show` prints it, and as `ip -j link show` does. */
export function linkEntry(m: LinkMessage, view: LinkView): Entry {
  const { ifindex, attrs } = m
  const { style } = view
  const entry = new Entry()
  entry.add('ifindex', ifindex, `${ifindex}: `)
  const name = nameEntry(entry, m, view)
  entry.say(style.device(`${name}: `))
  const flags = linkFlags(m, view)
  entry.add('flags', flags, `<${flags.join(',')}> `)
  if (attrs.mtu !== undefined) entry.add('mtu', attrs.mtu, `mtu ${attrs.mtu} `)
  xdpWord(entry, m, view)
  if (attrs.qdisc !== undefined) entry.add('qdisc', attrs.qdisc, `qdisc ${attrs.qdisc} `)
  if (attrs.master !== undefined) {
    const master = view.link(attrs.master)?.name ?? `if${attrs.master}`
    entry.add('master', master, `master ${style.device(printable(master))} `)
  }
  if (attrs.operstate !== undefined) {
    const state = operstateName(attrs.operstate)
    entry.add('operstate', state, `state ${operstateStyle(style, state)(`${state} `)}`)
  }
  if (attrs.linkmode !== undefined) {
    const mode = String(attrs.linkmode).toUpperCase()
    entry.add('linkmode', mode, `mode ${mode} `)
  }
  if (attrs.group !== undefined) entry.add('group', groupName(attrs.group), `group ${groupName(attrs.group)} `)
  if (attrs.txqlen !== undefined) entry.add('txqlen', attrs.txqlen, `qlen ${attrs.txqlen}`)
  const type = linkType(m.type)
  entry.add('link_type', type, `\n    link/${type} `)
  if (attrs.address !== undefined) entry.add('address', attrs.address, style.address(attrs.address))
  if (attrs.broadcast !== undefined) entry.add('broadcast', attrs.broadcast, ` brd ${style.address(attrs.broadcast)}`)
  if (attrs.permAddress !== undefined)
    entry.add('permaddr', attrs.permAddress, ` permaddr ${style.address(attrs.permAddress)}`)
  netns(entry, m, view)
  if (view.details) details(entry, m)
  if (attrs.ifalias !== undefined) entry.add('ifalias', attrs.ifalias, `\n    alias ${printable(attrs.ifalias)}`)
  if (view.statistics > 0) {
    counters(entry, m, view)
    xdpCounts(entry, m, view)
  }
  const names = attrs.propList?.altIfname
  if (names) entry.add('altnames', names, names.map((n) => `\n    altname ${printable(n)}`).join(''))
  xdpPrograms(entry, m, view)
  return entry
}

function netns(entry: Entry, { attrs }: LinkMessage, view: LinkView): void {
  const id = attrs.linkNetnsid
  if (id === undefined) return
  const name = id >= 0 ? view.namespace?.(id) : undefined
  entry.add(
    'link_netnsid',
    id,
    name === undefined ? ` link-netnsid ${id >= 0 ? id : 'unknown'}` : ` link-netns ${printable(name)}`,
  )
}

/** A device in one line: name, state, address, flags. */
export function briefEntry(m: LinkMessage, view: LinkView): Entry {
  const { style } = view
  const entry = new Entry()
  const name = nameEntry(entry, m, view)
  entry.say(style.device(`${name.padEnd(16)} `))
  const state = operstateName(m.attrs.operstate)
  entry.add('operstate', state, operstateStyle(style, state)(`${state.padEnd(14)} `))
  if (m.attrs.address !== undefined) entry.add('address', m.attrs.address, style.address(`${m.attrs.address} `))
  const flags = linkFlags(m, view)
  return entry.add('flags', flags, `<${flags.join(',')}> `)
}
