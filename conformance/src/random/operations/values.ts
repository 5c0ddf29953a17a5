import {
  IFF_ALLMULTI,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_PROMISC,
  IFF_UP,
  type LinkAttrs,
  type LinkHeader,
} from '@netkit/netlink'
import type { Chance } from '@netkit/netlink/testing'
import type { Link } from '../ask.ts'
import type { Machine } from '../machine.ts'
import type { Place } from '../place.ts'

const NAMES = ['a', 'b', 'c', 'd', 'nk0', 'nk1', 'eth0', 'nk%d', 'x%d', 'x%dy']
const BAD_NAMES = ['', '.', '..', 'a/b', 'a b', 'all', 'default', '%s', '%d%d', 'x'.repeat(15), 'lo']
const ALT_NAMES = ['alt', 'a', 'nk0', 'other', 'long'.repeat(30)]

export const nameFor = (chance: Chance): string => chance.pick(chance.odds(1, 12) ? BAD_NAMES : NAMES)
export const altNameFor = (chance: Chance): string => chance.pick(ALT_NAMES)
const pickPlace = (machine: Machine, chance: Chance): Place => chance.pick(machine.places)

/** A descriptor, mostly of a namespace. */
export const fdFor = (machine: Machine, chance: Chance): number =>
  chance.odds(1, 15) ? 99 : pickPlace(machine, chance).fd

/** A link of a place, as was heard; undefined if there is none of the kind that is wanted. */
export function linkFor(place: Place, chance: Chance, wanted: (link: Link) => boolean = () => true): Link | undefined {
  const list = [...place.heard.links.values()].filter(wanted)
  return list.length > 0 ? chance.pick(list) : undefined
}

/** Ifindex of some link, or of none. */
export function ifindexFor(place: Place, chance: Chance, wanted?: (link: Link) => boolean): number {
  if (chance.odds(1, 20)) return chance.pick([-1, 999, 0x7fff_ffff])
  return linkFor(place, chance, wanted)?.header.ifindex ?? 999
}

const ADDRESSES = [
  '02:00:00:00:00:01',
  '02:00:00:00:00:02',
  '00:00:00:00:00:00',
  '01:00:00:00:00:01',
  'ff:ff:ff:ff:ff:ff',
]

type Values = { -readonly [K in keyof LinkAttrs]?: LinkAttrs[K] }

/** Makes the value of an attribute, right or wrong. */
const VALUES: Readonly<{ [K in keyof LinkAttrs]?: (chance: Chance) => LinkAttrs[K] }> = {
  mtu: (c) => c.pick([68, 1280, 1279, 1500, 9000, 65535, 67, 65536, 0x8000_0000]),
  txqlen: (c) => c.pick([0, 1, 1000, 32767, 32768]),
  group: (c) => c.pick([0, 1, 2, 7]),
  address: (c) => c.pick(c.odds(1, 8) ? ['02:00', ''] : ADDRESSES),
  broadcast: (c) => c.pick(ADDRESSES),
  linkmode: (c) => c.pick(['default', 'dormant', 'testing', 3] as const),
  operstate: (c) => c.below(8),
  gsoMaxSize: (c) => c.pick([321, 320, 65536, 65537, 524280, 600000]),
  gsoMaxSegs: (c) => c.pick([1, 65535, 65536]),
  groMaxSize: (c) => c.pick([0, 65536, 524280, 524281]),
  carrier: (c) => c.below(2),
  ifalias: (c) => c.pick(['', 'uplink', 'x'.repeat(300)]),
  numRxQueues: (c) => c.pick([1, 2, 3, 4, 0, 1024, 1025, 5000]),
  numTxQueues: (c) => c.pick([1, 1, 1, 2, 0]),
}

const AT_BIRTH = [
  'mtu',
  'txqlen',
  'group',
  'address',
  'broadcast',
  'linkmode',
  'operstate',
  'gsoMaxSize',
  'numTxQueues',
] as const
const LATER = [
  'mtu',
  'txqlen',
  'group',
  'address',
  'broadcast',
  'linkmode',
  'operstate',
  'gsoMaxSize',
  'gsoMaxSegs',
  'groMaxSize',
  'ifalias',
  'carrier',
] as const

function take(chance: Chance, keys: readonly (keyof typeof VALUES)[], most: number): Values {
  const values: Values = {}
  for (let n = chance.below(most + 1); n > 0; n--) {
    const key = chance.pick(keys)
    Object.assign(values, { [key]: VALUES[key]?.(chance) })
  }
  return values
}

/** What a new link is asked to be like. */
export function birthAttrs(chance: Chance): Values {
  const attrs = take(chance, chance.odds(1, 2) ? [] : AT_BIRTH, chance.odds(1, 2) ? 0 : 2)
  if (chance.odds(2, 3)) attrs.ifname = nameFor(chance)
  if (chance.odds(2, 3)) attrs.numRxQueues = chance.odds(9, 10) ? 1 + chance.below(5) : VALUES.numRxQueues?.(chance)
  return attrs
}

/** One or more settings. */
export const laterAttrs = (chance: Chance, most: number): Values => take(chance, LATER, most)

const FLAGS = [IFF_UP, IFF_UP, IFF_UP, IFF_NOARP, IFF_MULTICAST, IFF_PROMISC, IFF_ALLMULTI]

/** Flags to change, mostly UP. */
export function flagsFor(chance: Chance): Partial<LinkHeader> {
  const change = chance.odds(1, 20) ? 0 : chance.pick(FLAGS)
  return { flags: chance.odds(2, 3) ? change || IFF_UP : 0, change }
}
