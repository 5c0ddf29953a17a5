import { NEIGH, RTM_DELNEIGH, RTM_NEWNEIGH } from '@netkit/netlink'
import { attributes } from './normalise.ts'

/** Hex digits of a neighbour message up to its address, its length and its sequence number left aside. */
const HEAD = { type: 8, body: 32, attrs: 56 }

const isNeighbour = (hex: string): boolean => {
  const type = Number.parseInt(hex.slice(HEAD.type, HEAD.type + 2), 16)
  return hex.slice(HEAD.type + 2, HEAD.type + 4) === '00' && (type === RTM_NEWNEIGH || type === RTM_DELNEIGH)
}

function addressOf(hex: string): string {
  for (const a of attributes(hex, HEAD.attrs, hex.length)) if (a.id === NEIGH.ids.dst) return hex.slice(a.from, a.to)
  return ''
}

/** Routers, listeners to groups, and whoever has an address that ends in some 24 bits. */
const OWN_GROUPS = /^ff02(0{26}(02|16)|0{18}01ff)/

/** Family, device and address. */
const keyOf = (hex: string): string => `${hex.slice(HEAD.body, HEAD.body + 16)}${addressOf(hex)}`

/**
 * Messages as far as two kernels can agree in them. Neighbours stand in an order that is drawn by lot when a kernel starts: those
 * in a row are put in order. And a real kernel has neighbours for its own packets to groups, with which it tells routers who listens and
 * asks for prefixes, some time after a device has come up; the embedded one sends none: they are left out.
 */
export function comparable(messages: readonly string[]): string[] {
  const kept = messages.filter((hex) => !isNeighbour(hex) || !OWN_GROUPS.test(addressOf(hex)))
  for (let from = 0; from < kept.length; from++) {
    let to = from
    while (to < kept.length && isNeighbour(kept[to])) to++
    const row = kept.slice(from, to).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    kept.splice(from, row.length, ...row)
    from = to
  }
  return kept
}
