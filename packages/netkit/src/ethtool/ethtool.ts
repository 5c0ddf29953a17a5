import { CHANNELS, ETHTOOL, RINGS, RSS } from '@netkit/netlink'
import type { Places } from '../places/places.ts'
import { SteeringRules } from '../steering/rules.ts'
import { Offloads } from './offloads.ts'
import { EthtoolSettings } from './settings.ts'

const { channelsGet, channelsSet, ringsGet, ringsSet, rssGet, rssSet } = ETHTOOL.commands

/** What `ethtool` does: `kernel.ethtool`. Netkit devices have none of it but offloads. */
export class Ethtool {
  /** How many queues a device uses. Queues that are leased cannot be taken away. */
  readonly channels: EthtoolSettings<typeof CHANNELS>
  /** Sizes of descriptor rings, and whether headers are split from payload. */
  readonly rings: EthtoolSettings<typeof RINGS>
  /** Which queue packets are spread over: hash key, indirection table, hashed fields. */
  readonly rss: EthtoolSettings<typeof RSS>
  readonly offloads: Offloads
  /** Which packets go to which queue. */
  readonly rules: SteeringRules

  /** @internal */
  constructor(places: Places) {
    this.channels = new EthtoolSettings(places, {
      name: 'channels',
      table: CHANNELS,
      get: channelsGet,
      set: channelsSet,
    })
    this.rings = new EthtoolSettings(places, { name: 'rings', table: RINGS, get: ringsGet, set: ringsSet })
    this.rss = new EthtoolSettings(places, { name: 'rss', table: RSS, get: rssGet, set: rssSet })
    this.offloads = new Offloads(places)
    this.rules = new SteeringRules(places)
  }
}
