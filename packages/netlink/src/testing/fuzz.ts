import { ETHTOOL } from '../families/ethtool/family.ts'
import type { GenlFamily } from '../families/family.ts'
import { NETDEV } from '../families/netdev/family.ts'
import { NLCTRL } from '../families/nlctrl/family.ts'
import { NETLINK_GENERIC, NETLINK_ROUTE } from '../uapi/netlink.ts'
import { ack, done } from './answers.ts'
import type { Chance } from './chance.ts'
import { mutate, splice } from './mutate.ts'
import { randomMessage, TAME, WILD } from './random-message.ts'
import type { RecordedMessage, Recording } from './recorded.ts'

/** Ids that the generated messages give to the families, as a kernel would. */
export const FAMILY_IDS: ReadonlyMap<number, GenlFamily> = new Map<number, GenlFamily>([
  [16, NLCTRL],
  [22, NETDEV],
  [23, ETHTOOL],
])

/** Some bytes for a decoder, and how they are to be read. */
export interface Input {
  readonly bytes: Uint8Array
  readonly protocol: number
  readonly fromKernel: boolean
}

const protocolOf = (m: RecordedMessage): number => (m.protocol === 'route' ? NETLINK_ROUTE : NETLINK_GENERIC)

/** Attributes begin behind the netlink header and the family's own. */
const bodyOf = (protocol: number): number => (protocol === NETLINK_ROUTE ? 32 : 20)

/**
 * An endless supply of inputs: recorded messages and generated ones, whole and spoilt, acknowledgements and ends of dumps,
 * several messages in one datagram, and plain noise.
 */
export class InputSource {
  readonly #chance: Chance
  readonly #recorded: readonly RecordedMessage[]

  /** All recordings must have given the families the ids of `FAMILY_IDS`. */
  constructor(chance: Chance, recordings: readonly Recording[] = []) {
    this.#chance = chance
    this.#recorded = recordings.flatMap((r) => r.messages)
    for (const r of recordings) {
      for (const [id, name] of r.families) {
        if (FAMILY_IDS.get(id)?.name !== name) throw new Error(`a recording has ${name} as ${id}`)
      }
    }
  }

  next(): Input {
    const chance = this.#chance
    const kind = chance.below(20)
    if (kind === 0) return this.#noise()
    const whole = this.#recorded.length > 0 && kind < 10 ? this.#fromRecording() : this.#generated()
    if (kind === 10) return this.#answer(whole)
    if (kind === 11) return this.#spliced(whole)
    if (kind === 12 || kind === 1) return whole
    return { ...whole, bytes: mutate(whole.bytes, chance) }
  }

  #fromRecording(): Input {
    const m = this.#chance.pick(this.#recorded)
    return { bytes: m.bytes, protocol: protocolOf(m), fromKernel: m.fromKernel }
  }

  #generated(): Input {
    const chance = this.#chance
    const protocol = chance.odds(1, 2) ? NETLINK_ROUTE : NETLINK_GENERIC
    const fromKernel = chance.odds(1, 2)
    const wild = chance.odds(1, 2) ? TAME : WILD
    return { bytes: randomMessage(chance, wild, { protocol, families: FAMILY_IDS, fromKernel }), protocol, fromKernel }
  }

  /** What a kernel says of a request: an acknowledgement, an error with all that can be in it, the end of a dump. */
  #answer({ bytes: request, protocol }: Input): Input {
    const chance = this.#chance
    const extack = {
      msg: chance.pick([undefined, '', 'Unknown attribute type', '\u00fcber']),
      cookie: chance.odds(1, 8) ? chance.bytes(chance.below(9)) : undefined,
      offset: chance.pick([undefined, 0, 16, 0xffff_ffff]),
      policy: chance.pick([undefined, { type: 'u32', max: 1n } as const, { type: 'binary', min: 1, max: 32 } as const]),
      missType: chance.pick([undefined, 1]),
      missNest: chance.pick([undefined, 20]),
    }
    const error = chance.below(134)
    const bytes = chance.odds(1, 3) ? done(request, error, extack) : ack(request, error, extack)
    return { bytes: chance.odds(1, 3) ? bytes : mutate(bytes, chance), protocol, fromKernel: true }
  }

  #spliced(first: Input): Input {
    const second = this.#generated()
    const bytes = splice(first.bytes, second.bytes, this.#chance.odds(1, 3) ? 0 : bodyOf(second.protocol))
    return { ...first, bytes }
  }

  #noise(): Input {
    const chance = this.#chance
    const bytes = chance.bytes(chance.below(96))
    if (bytes.length >= 16 && chance.odds(7, 8)) {
      const view = new DataView(bytes.buffer)
      view.setUint32(0, bytes.length, true)
      view.setUint16(4, chance.pick([2, 3, 16, 17, 18, 22, 23, 88, 90, 108]), true)
    }
    return { bytes, protocol: chance.pick([NETLINK_ROUTE, NETLINK_GENERIC]), fromKernel: chance.odds(1, 2) }
  }
}
