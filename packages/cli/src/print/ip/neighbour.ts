import { ROUTE_PROTOCOLS } from '@netkit/netlink'
import type { Neighbour, NeighbourFlag } from 'netkit'
import { Entry } from '../entry.ts'
import { printable } from '../printable.ts'
import type { Style } from '../style.ts'

/** What is needed to print neighbours besides them. */
export interface NeighbourView {
  readonly style: Style
  /** Says when they were used and how often they were asked. */
  readonly stats: boolean
  readonly device: (ifindex: number | undefined) => string
}

/** Flags that are told, in the order of iproute2. */
const TOLD: readonly NeighbourFlag[] = ['router', 'proxy', 'managed', 'extern_learn', 'offload', 'extern_valid']
const TICKS_PER_SECOND = 100

const protocolText = (n: number): string =>
  Object.entries(ROUTE_PROTOCOLS).find(([, number]) => number === n)?.[0] ?? String(n)

const seconds = (ticks = 0): number => Math.floor(ticks / TICKS_PER_SECOND)

function addStats(entry: Entry, { attrs: { cacheInfo, probes } }: Neighbour): void {
  if (cacheInfo) {
    const { refcnt = 0 } = cacheInfo
    const [used, confirmed, updated] = [cacheInfo.used, cacheInfo.confirmed, cacheInfo.updated].map((ticks) =>
      seconds(ticks),
    )
    if (refcnt > 0) entry.add('refcnt', refcnt, `ref ${refcnt} `)
    entry.only('used', used).only('confirmed', confirmed).only('updated', updated)
    entry.say(`used ${used}/${confirmed}/${updated} `)
  }
  if (probes !== undefined) entry.add('probes', probes, `probes ${probes} `)
}

/** A neighbour as `ip neigh` prints it, and as `ip -j neigh` does. */
export function neighbourEntry(n: Neighbour, { style, stats, device }: NeighbourView): Entry {
  const entry = new Entry().add('dst', n.address, `${style.address(n.address)} `)
  if (n.ifindex !== 0) {
    const name = device(n.ifindex)
    entry.add('dev', name, `dev ${style.device(printable(name))} `)
  }
  if (n.lladdr !== undefined) entry.add('lladdr', n.lladdr, `lladdr ${style.address(n.lladdr)} `)
  if (stats) addStats(entry, n)
  for (const flag of TOLD) if (n.flags.includes(flag)) entry.add(flag, null, `${flag} `)
  if (n.states.length > 0) {
    const states = n.states.map((state) => state.toUpperCase())
    entry.add('state', states, `${states.join(' ')} `)
  }
  if (n.protocol !== undefined) entry.add('protocol', protocolText(n.protocol), `proto ${protocolText(n.protocol)}`)
  return entry
}
