import {
  ADDR,
  AF_SPEC,
  AF_SPEC_INET6,
  DEVLINK_PORT,
  LINK,
  NEIGH,
  NETDEV,
  NETDEV_NAPI,
  NETDEV_PAGE_POOL,
  NETDEV_PAGE_POOL_STATS,
  NETDEV_QSTATS,
  NETDEV_QUEUE,
  ROUTE,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELNEIGH,
  RTM_DELROUTE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
  RTM_NEWROUTE,
} from '@netkit/netlink'
import { FAMILY_NUMBERS } from './generic-ids.ts'
import type { Protocol, Scenario } from './scenario.ts'

const { ids: L } = LINK
const { ids: V6 } = AF_SPEC_INET6
const AF_INET6 = AF_SPEC.ids.inet6
const VOLATILE: ReadonlySet<number> = new Set([V6.flags, V6.cacheInfo, V6.stats, V6.icmp6Stats])
const LINK_BODY = 32
const GENERIC_BODY = 20

/** By command: which attributes differ from run to run. */
type Masks = Readonly<Record<number, (id: number) => boolean>>

const isOneOf =
  (...ids: number[]) =>
  (id: number): boolean =>
    ids.includes(id)
const { commands: C } = NETDEV
const POOL = isOneOf(
  NETDEV_PAGE_POOL.ids.id,
  NETDEV_PAGE_POOL.ids.napiId,
  NETDEV_PAGE_POOL.ids.inflight,
  NETDEV_PAGE_POOL.ids.inflightMem,
)

const MASKS: Readonly<Record<number, Masks>> = {
  [FAMILY_NUMBERS.ethtool]: {},
  [FAMILY_NUMBERS.netdev]: {
    [C.queueGet.id]: isOneOf(NETDEV_QUEUE.ids.napiId),
    [C.napiGet.id]: isOneOf(NETDEV_NAPI.ids.id, NETDEV_NAPI.ids.irq, NETDEV_NAPI.ids.pid),
    [C.pagePoolGet.id]: POOL,
    [C.pagePoolAddNtf.id]: POOL,
    [C.pagePoolDelNtf.id]: POOL,
    [C.pagePoolChangeNtf.id]: POOL,
    [C.pagePoolStatsGet.id]: isOneOf(NETDEV_PAGE_POOL_STATS.ids.info),
    [C.qstatsGet.id]: (id) => id > NETDEV_QSTATS.ids.queueId,
  },
}
const MASK = 'xx'

/** By message: where its attributes begin, which of them has times, and which bytes of it are times. */
const TIMES: Readonly<Record<number, { body: number; id: number; from: number; to: number }>> = {
  [RTM_NEWADDR]: { body: 24, id: ADDR.ids.cacheInfo, from: 8, to: 16 },
  [RTM_DELADDR]: { body: 24, id: ADDR.ids.cacheInfo, from: 8, to: 16 },
  [RTM_NEWROUTE]: { body: 28, id: ROUTE.ids.cacheInfo, from: 0, to: 12 },
  [RTM_DELROUTE]: { body: 28, id: ROUTE.ids.cacheInfo, from: 0, to: 12 },
  // How many hold a neighbour, too: on Linux whoever asks and each timer do.
  [RTM_NEWNEIGH]: { body: 28, id: NEIGH.ids.cacheInfo, from: 0, to: 16 },
  [RTM_DELNEIGH]: { body: 28, id: NEIGH.ids.cacheInfo, from: 0, to: 16 },
}

function maskTimes(hex: string, { body, id, from, to }: (typeof TIMES)[number]): string {
  for (const a of attributes(hex, 2 * body, hex.length)) {
    if (a.id !== id) continue
    // Lifetimes that end have less left each time they are told.
    const endless = id !== ADDR.ids.cacheInfo || body === 28 || hex.startsWith('ffffffffffffffff', a.from)
    const start = a.from + (endless ? 2 * from : 0)
    return hex.slice(0, start) + MASK.repeat((a.from - start) / 2 + to) + hex.slice(a.from + 2 * to)
  }
  return hex
}

interface Attr {
  readonly id: number
  /** Payload, in hex digits. */
  readonly from: number
  readonly to: number
}

const u16 = (hex: string, at: number): number => Number.parseInt(hex.slice(at + 2, at + 4) + hex.slice(at, at + 2), 16)

/** The attributes between two hex digits. */
export function* attributes(hex: string, from: number, to: number): Generator<Attr> {
  for (let at = from; to - at >= 8; ) {
    const length = u16(hex, at)
    // What is masked is no length.
    if (!(length >= 4 && at + 2 * length <= to)) return
    yield { id: u16(hex, at + 4) & 0x3fff, from: at + 8, to: at + 2 * length }
    at += 2 * ((length + 3) & ~3)
  }
}

/** Replaces what may differ from run to run: counters, what IPv6 is about, random addresses and numbers of devices. */
export class Normaliser {
  readonly #given: string
  readonly #addresses = new Map<string, string>()

  constructor({ steps }: Scenario) {
    this.#given = steps.map((s) => (s.op === 'netlink' ? s.req : '')).join('|')
  }

  message(hex: string, proto: Protocol = 'route'): string {
    const type = u16(hex, 8)
    if (proto === 'generic') return type in MASKS ? this.#generic(hex, MASKS[type]) : hex
    if (type === RTM_NEWLINK || type === RTM_DELLINK) return this.#link(hex)
    const times = TIMES[type]
    return times === undefined ? hex : maskTimes(hex, times)
  }

  #link(hex: string): string {
    const parts: string[] = []
    let done = 0
    const put = (a: Attr, text: string): void => {
      parts.push(hex.slice(done, a.from), text)
      done = a.to
    }
    const mask = (a: Attr): void => put(a, MASK.repeat((a.to - a.from) / 2))
    const maskInet6 = (nest: Attr): void => {
      for (const inner of attributes(hex, nest.from, nest.to)) if (VOLATILE.has(inner.id)) mask(inner)
    }
    for (const a of attributes(hex, 2 * LINK_BODY, hex.length)) {
      if (a.id === L.stats || a.id === L.stats64) mask(a)
      else if (a.id === L.address || a.id === L.permAddress) put(a, this.#address(hex.slice(a.from, a.to)))
      else if (a.id === L.physSwitchId) mask(a)
      else if (a.id === L.devlinkPort) {
        for (const inner of attributes(hex, a.from, a.to)) if (inner.id === DEVLINK_PORT.ids.index) mask(inner)
      } else if (a.id === L.protinfo && hex.startsWith('0a', 32)) maskInet6(a)
      else if (a.id === L.afSpec) {
        for (const family of attributes(hex, a.from, a.to)) if (family.id === AF_INET6) maskInet6(family)
      }
    }
    return parts.join('') + hex.slice(done)
  }

  #generic(hex: string, masks: Masks): string {
    const masked = masks[Number.parseInt(hex.slice(32, 34), 16)]
    const parts: string[] = []
    // Notifications of ethtool are numbered from the start of the kernel.
    const numbered = u16(hex, 8) === FAMILY_NUMBERS.ethtool && hex.startsWith('00000000', 24)
    let done = numbered ? 24 : 0
    if (numbered) parts.push(hex.slice(0, 16), MASK.repeat(4))
    for (const a of attributes(hex, 2 * GENERIC_BODY, hex.length)) {
      if (!masked?.(a.id)) continue
      parts.push(hex.slice(done, a.from), MASK.repeat((a.to - a.from) / 2))
      done = a.to
    }
    return parts.join('') + hex.slice(done)
  }

  /** A random address is called by the order in which it came. */
  #address(hex: string): string {
    if (hex.length !== 12 || /^0*$/.test(hex) || this.#given.includes(hex)) return hex
    let name = this.#addresses.get(hex)
    if (name === undefined) {
      name = `random${String(this.#addresses.size).padStart(6, '_')}`
      this.#addresses.set(hex, name)
    }
    return name
  }
}
