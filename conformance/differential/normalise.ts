import { AF_SPEC, AF_SPEC_INET6, DEVLINK_PORT, LINK, RTM_DELLINK, RTM_NEWLINK } from '@netkit/netlink'
import type { Scenario } from './scenario.ts'

const { ids: L } = LINK
const { ids: V6 } = AF_SPEC_INET6
const AF_INET6 = AF_SPEC.ids.inet6
const VOLATILE: ReadonlySet<number> = new Set([V6.flags, V6.cacheInfo, V6.stats, V6.icmp6Stats])
const LINK_BODY = 32
const MASK = 'xx'

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
    if (length < 4 || at + 2 * length > to) return
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

  message(hex: string): string {
    const type = u16(hex, 8)
    return type === RTM_NEWLINK || type === RTM_DELLINK ? this.#link(hex) : hex
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
