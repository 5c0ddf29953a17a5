import { align4, NETLINK_GENERIC, NETLINK_ROUTE, NLM_F_REQUEST } from '@netkit/netlink'
import {
  type Chance,
  FAMILY_IDS,
  mutate,
  type RecordedMessage,
  randomMessage,
  splice,
  TAME,
  WILD,
} from '@netkit/netlink/testing'

/** A datagram for the kernel. */
export interface Hostile {
  readonly protocol: number
  readonly bytes: Uint8Array
}

const IFINDEXES = [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, -1]

/** An endless supply of datagrams for a kernel: right ones, nearly right ones, and noise. */
export class RequestSource {
  readonly #chance: Chance
  readonly #recorded: ReadonlyMap<number, readonly Uint8Array[]>

  constructor(chance: Chance, recorded: readonly RecordedMessage[]) {
    this.#chance = chance
    const of = (protocol: string) =>
      recorded.filter((m) => !m.fromKernel && m.protocol === protocol).map((m) => m.bytes)
    this.#recorded = new Map([
      [NETLINK_ROUTE, of('route')],
      [NETLINK_GENERIC, of('generic')],
    ])
  }

  next(): Hostile {
    const chance = this.#chance
    const protocol = chance.odds(3, 5) ? NETLINK_ROUTE : NETLINK_GENERIC
    const messages = chance.odds(4, 5) ? 1 : 1 + chance.below(4)
    const parts = Array.from({ length: messages }, () => this.#one(protocol))
    return { protocol, bytes: join(parts) }
  }

  #one(protocol: number): Uint8Array {
    const chance = this.#chance
    const kind = chance.below(12)
    if (kind === 0) return this.#noise()
    const whole = this.#whole(protocol)
    if (kind < 5) return whole
    if (kind === 5) return splice(whole, this.#whole(protocol), chance.pick([0, 16, 20, 32]))
    return mutate(whole, chance)
  }

  #whole(protocol: number): Uint8Array {
    const chance = this.#chance
    const recorded = this.#recorded.get(protocol) ?? []
    if (recorded.length > 0 && chance.odds(1, 2)) return chance.pick(recorded)
    const flags = chance.odds(1, 10) ? chance.u32() & 0xffff : undefined
    const wild = chance.odds(2, 3) ? TAME : WILD
    return randomMessage(chance, wild, { protocol, families: FAMILY_IDS, flags, ifindexes: IFINDEXES })
  }

  #noise(): Uint8Array {
    const chance = this.#chance
    const bytes = chance.bytes(1 + chance.below(80))
    if (bytes.length >= 16 && chance.odds(3, 4)) {
      const view = new DataView(bytes.buffer)
      view.setUint32(0, bytes.length, true)
      view.setUint16(4, chance.pick([16, 17, 18, 19, 22, 23, 88, 89, 90, 108, 109]), true)
      view.setUint16(6, view.getUint16(6, true) | NLM_F_REQUEST, true)
    }
    return bytes
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + align4(part.length), 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += align4(part.length)
  }
  return bytes
}
