import {
  EXTACK,
  LINK,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
  ROUTE_MESSAGES,
  RTM_DELLINK,
  RTM_DELNSID,
  RTM_NEWLINK,
  RTM_NEWNSID,
} from '@netkit/netlink'
import { FAMILY_NUMBERS } from './generic-ids.ts'
import { attributes } from './normalise.ts'

/** Messages for people: enough to see what is meant, not everything. */

const NAMES = new Map<number, string>([
  [NLMSG_ERROR, 'ERROR'],
  [NLMSG_DONE, 'DONE'],
  [RTM_NEWLINK, 'NEWLINK'],
  [RTM_DELLINK, 'DELLINK'],
  [RTM_NEWNSID, 'NEWNSID'],
  [RTM_DELNSID, 'DELNSID'],
])
const NLM_F_CAPPED = 0x100
const NLM_F_ACK_TLVS = 0x200

const number = (hex: string, at: number, size: number): number => {
  let n = 0
  for (let i = size - 1; i >= 0; i--) n = n * 256 + Number.parseInt(hex.slice(2 * (at + i), 2 * (at + i) + 2), 16)
  return n
}
const text = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1').replace(/\0$/, '')

interface Part {
  readonly name: string
  readonly value: string
}

/** The parts of a message, in order. */
function parts(hex: string): Part[] {
  const type = number(hex, 4, 2)
  const flags = number(hex, 6, 2)
  const head: Part[] = [
    { name: 'type', value: NAMES.get(type) ?? ROUTE_MESSAGES.get(type)?.c.slice(4) ?? String(type) },
    { name: 'flags', value: flags.toString(16) },
    { name: 'seq', value: String(number(hex, 8, 4)) },
    { name: 'portid', value: String(number(hex, 12, 4)) },
  ]
  if (type === FAMILY_NUMBERS.netdev || type === FAMILY_NUMBERS.ethtool) return [...head, ...genericParts(hex)]
  if (type === NLMSG_ERROR || type === NLMSG_DONE) return [...head, ...ackParts(hex, type, flags)]
  if (type === RTM_NEWLINK || type === RTM_DELLINK) return [...head, ...linkParts(hex)]
  const layout = ROUTE_MESSAGES.get(type)
  if (layout === undefined) return [...head, { name: 'body', value: hex.slice(2 * NLMSG_HDRLEN) }]
  const body = 2 * (NLMSG_HDRLEN + layout.header.size)
  const found: Part[] = [...attributes(hex, body, hex.length)].map(({ id, from, to }) => ({
    name: layout.attrs.byId[id]?.key ?? String(id),
    value: hex.slice(from, to),
  }))
  return [...head, { name: 'header', value: hex.slice(2 * NLMSG_HDRLEN, body) }, ...found]
}

function ackParts(hex: string, type: number, flags: number): Part[] {
  const found: Part[] = [{ name: 'error', value: String(number(hex, 16, 4) | 0) }]
  let at = 20
  if (type === NLMSG_ERROR) {
    const length = (flags & NLM_F_CAPPED) !== 0 ? NLMSG_HDRLEN : (number(hex, 20, 4) + 3) & ~3
    at += length
    found.push({ name: 'request', value: hex.slice(40, 2 * at) })
  }
  if ((flags & NLM_F_ACK_TLVS) !== 0) {
    for (const a of attributes(hex, 2 * at, hex.length)) {
      const value = hex.slice(a.from, a.to)
      found.push({ name: EXTACK.byId[a.id]?.key ?? `tlv ${a.id}`, value: a.id === 1 ? `'${text(value)}'` : value })
    }
  } else if (hex.length > 2 * at) found.push({ name: 'rest', value: hex.slice(2 * at) })
  return found
}

function genericParts(hex: string): Part[] {
  const found: Part[] = [{ name: 'command', value: String(number(hex, 16, 1)) }]
  for (const a of attributes(hex, 40, hex.length))
    found.push({ name: `attribute ${a.id}`, value: hex.slice(a.from, a.to) })
  return found
}

function linkParts(hex: string): Part[] {
  const found: Part[] = [
    { name: 'header', value: hex.slice(32, 40) },
    { name: 'ifindex', value: String(number(hex, 20, 4)) },
    { name: 'ifflags', value: number(hex, 24, 4).toString(16) },
    { name: 'change', value: number(hex, 28, 4).toString(16) },
  ]
  for (const a of attributes(hex, 64, hex.length)) {
    const value = hex.slice(a.from, a.to)
    const name = LINK.byId[a.id]?.key ?? `attribute ${a.id}`
    found.push({ name, value: a.id === LINK.ids.ifname ? `'${text(value)}'` : value })
  }
  return found
}

/** A message in a line. */
export function describe(hex: string): string {
  const all = parts(hex)
  const shown = ['command', 'ifindex', 'ifflags', 'change', 'ifname', 'error', 'msg', 'offset', 'body']
  return [all[0].value, ...all.filter((p) => shown.includes(p.name)).map((p) => `${p.name} ${p.value}`)].join(' ')
}

/** The parts in which two messages differ. */
export function differingParts(want: string, got: string): { name: string; want: string; got: string }[] {
  const [w, g] = [parts(want), parts(got)]
  if (w[0].value !== g[0].value) return [{ name: 'type', want: describe(want), got: describe(got) }]
  const found: { name: string; want: string; got: string }[] = []
  const names = [...new Set([...w, ...g].map((p) => p.name))]
  for (const name of names) {
    const pick = (list: Part[]) =>
      list
        .filter((p) => p.name === name)
        .map((p) => p.value)
        .join(' | ') || 'nothing'
    if (pick(w) !== pick(g)) found.push({ name, ...shorten(pick(w), pick(g)) })
  }
  if (found.length === 0)
    found.push({ name: 'order', want: w.map((p) => p.name).join(' '), got: g.map((p) => p.name).join(' ') })
  return found
}

/** Long values are cut down to where they begin to differ. */
function shorten(want: string, got: string): { want: string; got: string } {
  if (want.length < 100 && got.length < 100) return { want, got }
  let i = 0
  while (i < want.length && want[i] === got[i]) i++
  const from = i & ~7
  return { want: `[${from / 2}] ${want.slice(from, from + 60)}`, got: `[${from / 2}] ${got.slice(from, from + 60)}` }
}
